//! Small changes of known inputs, the same every time: no clock, no chance.

/// The longest input made, bytes.
const MAX_BYTES: usize = 4 * 1024;

/// Makes inputs of seeds.
#[derive(Debug)]
pub struct Mutator<'a> {
    state: u64,
    seeds: &'a [Vec<u8>],
    words: &'a [&'a str],
}

impl<'a> Mutator<'a> {
    /// One whose inputs depend on the name, the seeds and the words alone.
    #[must_use]
    pub fn new(name: &str, seeds: &'a [Vec<u8>], words: &'a [&'a str]) -> Self {
        let state = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { state, seeds, words }
    }

    /// SplitMix64.
    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 of none.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number() % end).unwrap_or(0)
    }

    /// A piece of an input of `len` bytes, of 32 bytes at most.
    fn piece(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let most = (len - start).min(32);
        start..start + self.below(most + 1)
    }

    /// The next input: a seed with one to eight changes.
    pub fn next_input(&mut self) -> Vec<u8> {
        let nth = self.below(self.seeds.len());
        let mut input = self.seeds.get(nth).cloned().unwrap_or_default();
        for _ in 0..=self.below(8) {
            self.change(&mut input);
        }
        input.truncate(MAX_BYTES);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        const ODD: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, b' ', b'\n', b'"', b'0', b'9', b'-', 0xd0];
        let at = self.below(input.len() + 1);
        match self.below(9) {
            0 => {
                let bit = self.below(8);
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            1 => {
                let odd = ODD[self.below(ODD.len())];
                if let Some(byte) = input.get_mut(at) {
                    *byte = odd;
                }
            }
            2 => input.insert(at, ODD[self.below(ODD.len())]),
            3 => {
                let gone = self.piece(input.len());
                input.drain(gone);
            }
            4 => {
                // The same again, some times over.
                let again = self.piece(input.len());
                let again = input[again].repeat(1 + self.below(8));
                input.splice(at..at, again);
            }
            5 => {
                let nth = self.below(self.seeds.len());
                let other = self.seeds.get(nth).cloned().unwrap_or_default();
                let part = self.piece(other.len());
                input.splice(at..at, other[part].iter().copied());
            }
            6 | 7 => {
                let word = self.words.get(self.below(self.words.len())).copied().unwrap_or_default();
                input.splice(at..at, word.bytes());
            }
            _ => input.truncate(at),
        }
        input.truncate(MAX_BYTES);
    }
}

//! What the buttons of a message about a visit carry, and bring back when they are pressed.

/// What a press about a visit says; in the button's data, 64 bytes at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitAnswer {
    /// They come (true), or they do not.
    pub comes: bool,
    /// The visit's id in the CRM.
    pub visit: String,
}

/// How the data of such a button begins.
const MARK: &str = "v:";

impl VisitAnswer {
    /// The data of a button; `None`: the id is too long for one.
    #[must_use]
    pub fn encode(&self) -> Option<String> {
        let data = format!("{MARK}{}:{}", if self.comes { 'y' } else { 'n' }, self.visit);
        (data.len() <= 64).then_some(data)
    }

    /// What a button's data says; `None`: it is none of these.
    #[must_use]
    pub fn decode(data: &str) -> Option<Self> {
        let (comes, visit) = data.strip_prefix(MARK)?.split_once(':')?;
        let comes = match comes {
            "y" => true,
            "n" => false,
            _ => return None,
        };
        (!visit.is_empty()).then(|| Self { comes, visit: visit.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_fits_into_a_button_and_comes_back() {
        for comes in [true, false] {
            let said = VisitAnswer { comes, visit: "1234567890".to_owned() };
            assert_eq!(VisitAnswer::decode(&said.encode().expect("short")), Some(said));
        }
        assert_eq!(VisitAnswer { comes: true, visit: "9".repeat(61) }.encode(), None);
        for other in ["v:", "v:y:", "v:x:1", "c:y:1", "stop", ""] {
            assert_eq!(VisitAnswer::decode(other), None, "{other}");
        }
    }
}

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mms_core::fuzzing::channel_event(input));

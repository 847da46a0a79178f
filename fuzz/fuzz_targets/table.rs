#![no_main]

libfuzzer_sys::fuzz_target!(
    // A panic of the reader of workbooks is caught by the product and is no find, so it must not
    // end the program at once. One that nobody catches still does, and leaves its input; run alone
    // with it, a debugger says where.
    init: std::panic::set_hook(Box::new(|_| {})),
    |input: &[u8]| mms_core::fuzzing::table(input)
);

#![no_main]
#[path = "../src/cookie_header.rs"]
mod cookie_header;

libfuzzer_sys::fuzz_target!(|data: &[u8]| cookie_header::any_bytes(data));

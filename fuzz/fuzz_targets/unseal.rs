#![no_main]
#[path = "../src/unseal.rs"]
mod unseal;

libfuzzer_sys::fuzz_target!(|data: &[u8]| unseal::any_bytes(data));

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| terraform_plugin_fuzz::rpc(input));

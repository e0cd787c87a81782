//! The fuzz target: libFuzzer, guided by what of our crates an input reaches, over `multaqa_node::port::fuzz`.
//!
//! `tests/fuzz/run` builds it on stable and runs it. Built without that script it has no coverage to be guided by.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| multaqa_node::port::fuzz::read(input));

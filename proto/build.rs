//! Compiles the schema without protoc: protox parses, tonic-prost-build generates.
//!
//! Every `.proto` file under `schema/` is compiled, so a new file needs no list here.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let schema = Path::new("schema");
    println!("cargo::rerun-if-changed=schema");
    let mut files = Vec::new();
    collect(schema, &mut files)?;
    files.sort();

    let descriptors = protox::compile(&files, [schema])?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    fs::write(out.join("files.rs"), embedded(schema, &files)?)?;

    // Bytes that are carried as received are shared between sessions, not copied.
    tonic_prost_build::configure()
        .bytes(".multaqa.record.v1.SignedRecord")
        .bytes(".multaqa.record.v1.SignedStatement")
        .bytes(".multaqa.hub.v1.Block")
        .bytes(".multaqa.hub.v1.Entry")
        .bytes(".multaqa.hub.v1.PlacedLeaf")
        .compile_fds(descriptors)?;
    Ok(())
}

/// A Rust list of the files themselves, by their names under the schema.
fn embedded(schema: &Path, files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(schema)?.display().to_string();
        let path = fs::canonicalize(file)?.display().to_string();
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    Ok(list)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

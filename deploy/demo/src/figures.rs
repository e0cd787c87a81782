//! Which record files belong to whom, and how a revision of one is made.
//!
//! `figures/` holds published indicator data, which the secretariat publishes; `samples/<CODE>/` holds records that are
//! plainly marked as samples. In scope: finding them, in an order in which what is referred to comes first.
//! Out of scope: their content, which stands in the files and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::{Failure, disk};

/// The secretariat, which publishes the figures.
pub const SECRETARIAT: &str = "x-escwa";

/// Kinds in the order in which their records are published: each refers only to those before it.
const ORDER: [&str; 5] = ["codelist", "organisation", "indicator", "dataset", "service"];

/// The record files of a member, in the order in which they are published; none where it has none.
///
/// # Errors
/// [`Failure::Disk`].
pub fn files_of(member: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files = records_in(&home().join("samples").join(member))?;
    if member == SECRETARIAT {
        files.extend(records_in(&home().join("figures"))?);
    }
    files.sort_by_key(|path| (place(path), path.clone()));
    Ok(files)
}

/// The record file of a member whose revisions `publish` makes: its first service, else its first code list.
///
/// # Errors
/// [`Failure::MemberUnknown`] where it has neither.
pub fn sample_of(member: &str) -> Result<PathBuf, Failure> {
    let files = files_of(member)?;
    let open = files.iter().rfind(|path| kind(path) == "service" && !path.to_string_lossy().contains("gcc"));
    let sample = open.or_else(|| files.iter().find(|path| kind(path) == "codelist"));
    sample.cloned().ok_or_else(|| Failure::MemberUnknown { member: member.to_owned() })
}

/// A record file's object id.
///
/// # Errors
/// [`Failure::NotRevised`] where it has none.
pub fn id_of(file: &Path) -> Result<String, Failure> {
    let record = read(file)?;
    let id = record.get("id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| not_revised(file, "no id"))
}

/// The next revision of a record, as a file's text: the payload in force with its version counted up by one.
///
/// The version is that of a service's endpoint or of a code list: what a person would change for a small release.
///
/// # Errors
/// [`Failure::NotRevised`] where there is no version that ends in a number.
pub fn revised(file: &Path, payload: Value) -> Result<String, Failure> {
    let mut record = read(file)?;
    record["payload"] = payload;
    let places = ["/payload/endpoint/version", "/payload/version"];
    let place = places.into_iter().find(|place| record.pointer(place).is_some());
    let version = place.and_then(|place| record.pointer_mut(place)).ok_or_else(|| not_revised(file, "no version"))?;
    let next = version.as_str().and_then(counted_up).ok_or_else(|| not_revised(file, "its version is no number"))?;
    *version = json!(next);
    Ok(record.to_string())
}

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn records_in(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(directory).map_err(disk(directory))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(disk(directory))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    Ok(paths)
}

fn kind(file: &Path) -> &str {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split_once('-').map_or(name, |(kind, _)| kind)
}

fn place(file: &Path) -> usize {
    ORDER.iter().position(|kind_| *kind_ == kind(file)).unwrap_or(ORDER.len())
}

fn read(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(disk(file))?;
    serde_saphyr::from_str(&text).map_err(|why| not_revised(file, &why.to_string()))
}

fn counted_up(version: &str) -> Option<String> {
    let (head, last) = version.rsplit_once('.').map_or(("", version), |(head, last)| (head, last));
    let next = last.parse::<u64>().ok()?.checked_add(1)?;
    Some(if head.is_empty() { next.to_string() } else { format!("{head}.{next}") })
}

fn not_revised(file: &Path, why: &str) -> Failure {
    Failure::NotRevised { path: file.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_of_the_demo_has_records_and_their_references_come_first() {
        for member in ["JO", "EG", "MA", "SA", SECRETARIAT] {
            let files = files_of(member).unwrap();
            assert!(files.len() >= 3, "{member}: {files:?}");
            assert!(files.is_sorted_by_key(|path| place(path)), "{files:?}");
            assert!(files.iter().all(|path| place(path) < ORDER.len()), "{files:?}");
            let prefix = format!("{member}:");
            assert!(files.iter().all(|path| id_of(path).unwrap().starts_with(&prefix)));
        }
        assert_eq!(files_of("QA").unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_revision_counts_the_version_up_and_changes_nothing_else() {
        for member in ["JO", "EG", "MA", "SA", SECRETARIAT] {
            let file = sample_of(member).unwrap();
            let before = read(&file).unwrap();
            let after: Value = serde_json::from_str(&revised(&file, before["payload"].clone()).unwrap()).unwrap();
            assert_ne!(before, after);
            assert_eq!(before["id"], after["id"]);
        }
        assert_eq!(counted_up("1.9").unwrap(), "1.10");
        assert_eq!(counted_up("beta"), None);
    }
}

//! Suggestions: the known name that is written most like one that is not known.
//!
//! In scope: names in one script, as in configuration and record files. Out of scope: what is done with the suggestion.

/// So many characters of a name are compared.
const COMPARED: usize = 64;

/// The name that is really near: at most one edit for three characters of what was written, and one edit at least. A
/// letter too much, a letter less, another letter and two letters in the wrong order are one edit each.
#[must_use]
pub fn nearest<'n>(found: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (found.chars().count() / 3).max(1);
    let (edits, name) = names.into_iter().map(|name| (edits(found, name), name)).min()?;
    (edits <= allowed).then_some(name)
}

/// The distance of optimal string alignment.
fn edits(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.chars().take(COMPARED).collect::<Vec<char>>());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = row[j] + usize::from(from != to);
            let swapped = i > 0 && j > 0 && a[i - 1] == *to && b[j - 1] == *from;
            let swapped = if swapped { before[j - 1] + 1 } else { usize::MAX };
            next.push(replaced.min(swapped).min(row[j + 1] + 1).min(next[j] + 1));
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_really_near_is_suggested() {
        assert_eq!(nearest("titel", ["id", "title", "type"]), Some("title"));
        assert_eq!(nearest("nmae", ["name", "type"]), Some("name"));
        assert_eq!(nearest("serviceType", ["service_type", "service_level"]), Some("service_type"));
        assert_eq!(nearest("lifetime_secs", ["address", "lifetime_seconds"]), Some("lifetime_seconds"));
        for far in ["since", "x", "colour", "foo", ""] {
            assert_eq!(nearest(far, ["title", "log", "id", "address"]), None, "{far}");
        }
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn edits_are_counted() {
        let counted = [("", ""), ("ab", ""), ("", "ab"), ("abc", "abd"), ("abcd", "acbd"), ("kitten", "sitting")];
        assert_eq!(counted.map(|(a, b)| edits(a, b)), [0, 2, 2, 1, 1, 3]);
    }
}

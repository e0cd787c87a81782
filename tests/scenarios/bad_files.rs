//! Record files that people, editors and spreadsheets get wrong: each is refused with file, line, rule and the way out, in
//! three languages, and nothing of it is signed.

use std::fs;

use multaqa_proto::text::Lang;
use multaqa_tests::World;
use multaqa_tests::record::Record;
use multaqa_tests::refusals::{refused, tabled};

use crate::world;

/// A file: what is wrong, its name, its bytes, the code, the line that is shown; 0 where the file as a whole is meant.
struct Case(&'static str, &'static str, Vec<u8>, &'static str, usize);

/// An organisation whose Arabic name is this.
fn named(name: &str) -> Vec<u8> {
    format!("id: JO:organisation:x\npayload:\n  name:\n    ar: {name}\n  type: agency\n").into_bytes()
}

/// An organisation with these lines more.
fn with(lines: &str) -> Vec<u8> {
    [named("\"اسم\""), lines.as_bytes().to_vec()].concat()
}

fn cases() -> Vec<Case> {
    let nested = format!("id: JO:organisation:x\npayload: {}1{}\n", "[".repeat(200), "]".repeat(200));
    let bomb = (0..9).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        format!("{text}a{}: &a{} [{}]\n", n + 1, n + 1, vec![format!("*a{n}"); 9].join(","))
    });
    let dataset = "id: JO:dataset:x\npayload: {csv: x.csv}\n";
    vec![
        Case("unbalanced brackets", "json.json", b"{\"id\": \"JO:organisation:x\",\n".to_vec(), "FILE_MALFORMED", 1),
        Case("a tab in YAML's indentation", "tab.yaml", b"id: x\npayload:\n\tname: y\n".to_vec(), "FILE_MALFORMED", 3),
        Case("nothing", "empty.yaml", b"".to_vec(), "FILE_EMPTY", 0),
        Case("Windows-1256", "cp1256.yaml", b"id: x\nname: \xc7\xd3\xe3\n".to_vec(), "FILE_NOT_UTF8", 2),
        Case("UTF-16", "utf16.yaml", b"\xff\xfei\0d\0:\0 \0x\0".to_vec(), "FILE_NOT_UTF8", 1),
        Case("9 MiB", "large.yaml", vec![b'#'; 9 << 20], "FILE_TOO_LARGE", 0),
        Case("anchors that multiply", "bomb.yaml", bomb.into_bytes(), "FILE_FEATURE_REFUSED", 1),
        Case("nesting without end", "deep.yaml", nested.into_bytes(), "FILE_MALFORMED", 2),
        Case(
            "values without end",
            "values.yaml",
            [b"id: JO:organisation:x\npayload: [".to_vec(), b"1,".repeat(200_001), b"1]\n".to_vec()].concat(),
            "FILE_TOO_MANY_VALUES",
            2,
        ),
        Case("a misspelt field", "field.yaml", with("  titel: x\n"), "FIELD_UNKNOWN", 6),
        Case("a field twice", "twice.yaml", with("  type: ministry\n"), "FIELD_DUPLICATE", 6),
        Case("a list for a text", "list.yaml", with("  parent: [x]\n"), "VALUE_NOT_TEXT", 6),
        Case(
            "a text for a mapping",
            "text.yaml",
            b"id: JO:organisation:x\npayload: x\n".to_vec(),
            "VALUE_NOT_MAPPING",
            2,
        ),
        Case(
            "Arabic-Indic digits",
            "digits.yaml",
            b"id: JO:service:x\npayload:\n  maturity: \xd9\xa3\n".to_vec(),
            "VALUE_NOT_NUMBER",
            3,
        ),
        Case(
            "a kind that nobody knows",
            "kind.yaml",
            b"id: JO:organization:x\npayload: {}\n".to_vec(),
            "KIND_UNKNOWN",
            1,
        ),
        Case(
            "text that turns its direction",
            "bidi.yaml",
            named("\"هيئة\u{202e}gro\u{202c}\""),
            "TEXT_BIDI_CONTROL",
            4,
        ),
        Case("a bell", "bell.yaml", named("\"هيئة\\a\""), "TEXT_CONTROL", 4),
        Case(
            "another member's id",
            "foreign.yaml",
            b"id: EG:organisation:x\npayload: {name: {en: X}, type: agency}\n".to_vec(),
            "OBJECT_FOREIGN",
            1,
        ),
        Case(
            "other columns",
            "columns.yaml",
            dataset.replace("x.csv", "columns.csv").into_bytes(),
            "CSV_COLUMN_UNKNOWN",
            1,
        ),
        Case("a short row", "row.yaml", dataset.replace("x.csv", "row.csv").into_bytes(), "CSV_ROW_WIDTH", 3),
        Case(
            "a quote without end",
            "quote.yaml",
            dataset.replace("x.csv", "quote.csv").into_bytes(),
            "CSV_MALFORMED",
            2,
        ),
        Case("no CSV file there", "none.yaml", dataset.replace("x.csv", "none.csv").into_bytes(), "CSV_MISSING", 2),
    ]
}

/// Each CSV file beside a record file, with one thing wrong.
const CSV: [(&str, &str); 3] = [
    ("columns.csv", "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,COLOUR\nA,JO,2024,1,A,x\n"),
    ("row.csv", "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nA,JO,2024,1,A\nA,JO,2023\n"),
    ("quote.csv", "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nA,\"JO,2024,1,A\n"),
];

#[test]
fn each_bad_file_is_refused_with_its_line_and_nothing_is_signed() {
    let world = world(&["JO"]);
    for (name, text) in CSV {
        fs::write(world.scratch().join(name), text).unwrap();
    }
    for case in cases() {
        the_case_is_refused(&world, &case);
    }
    what_editors_add_is_no_harm(&world);
    what_is_too_much_is_refused(&world);
    let missing = world.scratch().join("not-there.yaml");
    refused(&world.node("JO").cli(&["publish", &missing.to_string_lossy()]).unwrap(), "PATH_UNREADABLE");
    let queue = world.json("JO", &["queue", "--all"]);
    let own = queue["records"].as_array().unwrap().iter().filter(|own| own["id"] != "JO:organisation:bom");
    assert_eq!(own.count(), 1, "only the node's key: {queue}");
}

fn the_case_is_refused(world: &World, case: &Case) {
    let Case(what, name, bytes, code, line) = case;
    assert!(tabled(code), "{code} is not in the table");
    let path = world.scratch().join(name);
    fs::write(&path, bytes).unwrap();
    let path = path.to_string_lossy();
    for verb in [&["publish", &*path][..], &["publish", "--check", &path]] {
        let output = world.node("JO").cli(verb).unwrap();
        assert_eq!(output.code, Some(1), "{what}: {}", output.stdout);
        let stem = name.split('.').next().unwrap();
        let found = output.stderr.lines().find(|line| line.contains(code)).unwrap_or_default();
        let at = if *line == 0 { format!("{stem}.") } else { format!(":{line}") };
        assert!(
            found.contains(stem) && found.contains(&at),
            "{what}: {code} in line {line} expected: {}",
            output.stderr
        );
        assert!(output.stderr.contains("FILES_REFUSED"), "{what}: {}", output.stderr);
    }
    let said = ["ar", "fr"].map(|lang| world.node("JO").cli(&["publish", &path, "--lang", lang]).unwrap().stderr);
    assert!(said.iter().all(|text| text.contains(code)) && said[0] != said[1], "{what}: {said:?}");
    assert!(said[0].chars().any(|letter| ('\u{0621}'..='\u{064a}').contains(&letter)), "{}: {}", Lang::Ar, said[0]);
}

/// A byte order mark, Windows line ends, and the marks of direction that Arabic text may hold.
fn what_editors_add_is_no_harm(world: &World) {
    let path = world.scratch().join("bom.yaml");
    let text = "\u{feff}id: JO:organisation:bom\r\npayload:\r\n  name: {ar: \"هيئة الاتصالات\"}\r\n  type: agency\r\n";
    fs::write(&path, text).unwrap();
    world.node("JO").publish(&[path]).unwrap();
}

fn what_is_too_much_is_refused(world: &World) {
    let many: Vec<Record> = (0..1_025).map(|n| Record::organisation("JO", &format!("n{n}"), "N")).collect();
    refused(&world.try_publish("JO", &many), "RECORDS_TOO_MANY");
    let codes: Vec<String> =
        (0..1_900).map(|n| format!("    - {{code: c{n}, label: {{en: {}}}}}", "x".repeat(150))).collect();
    let text = format!("id: JO:codelist:x\npayload:\n  title: {{en: X}}\n  codes:\n{}\n", codes.join("\n"));
    let path = world.scratch().join("codelist.yaml");
    fs::write(&path, text).unwrap();
    let output = world.node("JO").cli(&["publish", &path.to_string_lossy()]).unwrap();
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("CONTENT_TOO_LARGE"), "{}", output.stderr);
}

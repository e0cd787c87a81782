//! The layers of [`super`] on real files: precedence, refusals, origins.

use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sample {
    name: Option<String>,
    listen: Listen,
    tags: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Listen {
    address: String,
    port: u16,
    fast: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self { name: None, listen: Listen::default(), tags: vec!["a".to_owned()] }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self { address: "127.0.0.1".to_owned(), port: 1, fast: false }
    }
}

struct Home(tempfile::TempDir);

impl Home {
    fn new(main: &str, drop_ins: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("hub.toml"), main).unwrap();
        std::fs::create_dir(home.path().join("hub.toml.d")).unwrap();
        for (name, text) in drop_ins {
            std::fs::write(home.path().join("hub.toml.d").join(name), text).unwrap();
        }
        Self(home)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn sources(&self, variables: &[(&str, &str)]) -> Sources {
        let variables = variables.iter().map(|(k, v)| (k.into(), v.into()));
        Sources::new().file(self.path("hub.toml")).environment(variables, &["MULTAQA_JOIN_KEY_FILE"])
    }

    fn refused(&self, variables: &[(&str, &str)]) -> Fault {
        self.sources(variables).load::<Sample>().unwrap_err()
    }
}

#[test]
fn later_layers_win_and_each_value_keeps_its_origin() {
    let home = Home::new(
        "name = 'file'\ntags = ['b', 'c']\n[listen]\naddress = 'file'\nport = 2\nfast = true\n",
        &[
            ("20.toml", "[listen]\nport = 4\n"),
            ("10.toml", "[listen]\nport = 3\naddress = 'ten'\n"),
            ("30.toml.off", "[listen]\nport = 9\n"),
        ],
    );
    let settings = home
        .sources(&[
            ("MULTAQA_LISTEN__FAST", "false"),
            ("MULTAQA_TAGS", "x, y"),
            ("MULTAQA_NAME", "variable"),
            ("MULTAQA_LANG", "ar"),
            ("MULTAQA_JOIN_KEY_FILE", "join"),
            ("PATH", "elsewhere"),
        ])
        .flag("--name", "name", Some("flag"))
        .flag("--port", "listen.port", None::<u16>)
        .load::<Sample>()
        .unwrap();
    assert_eq!(
        settings.value,
        Sample {
            name: Some("flag".to_owned()),
            listen: Listen { address: "ten".to_owned(), port: 4, fast: false },
            tags: vec!["x".to_owned(), "y".to_owned()],
        }
    );
    let shown: Vec<(String, String, String)> = settings
        .show()
        .unwrap()
        .into_iter()
        .map(|line| (line.key.clone(), line.text(), line.origin.to_string()))
        .collect();
    let expected = [
        ("listen.address", "ten", home.path("hub.toml.d/10.toml")),
        ("listen.fast", "false", "MULTAQA_LISTEN__FAST".to_owned()),
        ("listen.port", "4", home.path("hub.toml.d/20.toml")),
        ("name", "flag", "--name".to_owned()),
        ("tags", r#"["x","y"]"#, "MULTAQA_TAGS".to_owned()),
    ];
    assert_eq!(shown, expected.map(|(key, value, origin)| (key.to_owned(), value.to_owned(), origin)));
}

#[test]
fn defaults_alone_show_as_defaults() {
    let settings = Sources::new().load::<Sample>().unwrap();
    assert_eq!(settings.value, Sample::default());
    let shown = settings.show().unwrap();
    assert_eq!(shown.len(), 5);
    assert!(shown.iter().all(|line| line.origin == Origin::Default));
    assert_eq!(shown[3].text(), "", "an unset name shows as nothing");
    assert_eq!(serde_json::to_string(&shown[2]).unwrap(), r#"{"key":"listen.port","value":1,"origin":"default"}"#);
}

#[test]
fn an_unknown_key_is_refused_with_its_file_and_the_nearest_key() {
    let home = Home::new("[listen]\nprot = 2\n", &[]);
    let fault = home.refused(&[]);
    assert_eq!(fault.code, code::CONFIG_UNKNOWN_KEY);
    assert_eq!(fault.arg("origin"), Some(home.path("hub.toml").as_str()));
    assert_eq!(fault.arg("key"), Some("listen.prot"));
    assert_eq!(fault.arg("nearest"), Some("listen.port"));
}

#[test]
fn an_unknown_key_in_a_drop_in_names_the_drop_in() {
    let home = Home::new("", &[("10.toml", "colour = 'red'\n")]);
    let fault = home.refused(&[]);
    assert_eq!(fault.code, code::CONFIG_UNKNOWN_KEY);
    assert_eq!(fault.arg("origin"), Some(home.path("hub.toml.d/10.toml").as_str()));
    assert_eq!(fault.arg("key"), Some("colour"));
    assert_eq!(fault.arg("nearest"), Some("none"));
}

#[test]
fn an_unknown_variable_is_refused_by_name() {
    let home = Home::new("", &[]);
    for (variable, key) in
        [("MULTAQA_LISTEN__PROT", "listen.prot"), ("MULTAQA_LISTEN_PORT", "listen_port"), ("MULTAQA_", "")]
    {
        let fault = home.refused(&[(variable, "1")]);
        assert_eq!(fault.code, code::CONFIG_UNKNOWN_VARIABLE, "{variable}");
        assert_eq!(fault.arg("variable"), Some(variable));
        assert_eq!(fault.arg("key"), Some(key));
    }
}

#[test]
fn a_bad_value_is_refused_with_its_origin_and_key() {
    let home = Home::new("[listen]\nport = 'many'\n", &[]);
    let fault = home.refused(&[]);
    assert_eq!(fault.code, code::CONFIG_BAD_VALUE);
    assert_eq!(fault.arg("key"), Some("listen.port"));
    assert_eq!(fault.arg("origin"), Some(home.path("hub.toml").as_str()));
    let home = Home::new("", &[]);
    for (variable, value) in
        [("MULTAQA_LISTEN__PORT", "65536"), ("MULTAQA_LISTEN", "x"), ("MULTAQA_LISTEN__PORT__DEEPER", "1")]
    {
        let fault = home.refused(&[(variable, value)]);
        assert_eq!(fault.code, code::CONFIG_BAD_VALUE, "{variable}");
        assert_eq!(fault.arg("origin"), Some(variable));
    }
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_refused() {
    let home = Home::new("port = = 2", &[]);
    let fault = home.refused(&[]);
    assert_eq!(fault.code, code::CONFIG_SYNTAX);
    let detail = fault.arg("detail").unwrap();
    assert!(detail.contains("line 1") && !detail.contains('\n'), "{detail}");

    let missing = home.path("none.toml");
    let sources = Sources::new().file(&missing);
    let fault = sources.load::<Sample>().unwrap_err();
    assert_eq!(fault.code, code::CONFIG_FILE_UNREADABLE);
    assert_eq!(fault.arg("file"), Some(missing.as_str()));
    let sources = Sources::new().file_if_present(&missing);
    assert_eq!(sources.load::<Sample>().unwrap().value, Sample::default());

    let large = format!("# {}", "x".repeat(1024 * 1024));
    let home = Home::new(&large, &[]);
    assert_eq!(home.refused(&[]).code, code::CONFIG_FILE_TOO_LARGE);
}

#[test]
fn programs_on_one_machine_share_an_environment() {
    let home = Home::new("", &[]);
    let load = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        let sources = Sources::new().file(home.path("hub.toml")).environment(variables, &["MULTAQA_NODE__"]);
        sources.family("MULTAQA_HUB__").load::<Sample>()
    };
    let settings = load(&[("MULTAQA_NODE__DIR", "/x"), ("MULTAQA_HUB__LISTEN__PORT", "7")]).unwrap();
    assert_eq!(settings.value.listen.port, 7);
    assert_eq!(settings.origin("listen.port"), Origin::Variable("MULTAQA_HUB__LISTEN__PORT".to_owned()));
    for unknown in ["MULTAQA_HUB__LISTNE", "MULTAQA_LISTNE", "MULTAQA_NODES__DIR"] {
        let fault = load(&[(unknown, "x")]).unwrap_err();
        assert_eq!((fault.code, fault.arg("variable")), (code::CONFIG_UNKNOWN_VARIABLE, Some(unknown)));
    }
    // The short name stands for the log's filter, which this structure has not.
    assert_eq!(load(&[("MULTAQA_LOG", "info")]).unwrap_err().arg("key"), Some("log"));
}

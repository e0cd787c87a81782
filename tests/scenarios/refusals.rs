//! The table of bad input against the registry of codes and against the stories: no row is only said.

use std::collections::BTreeSet;
use std::fs;

use multaqa_proto::message::ACTORS;
use multaqa_proto::text::Lang;
use multaqa_tests::refusals::{At, TABLE, catalogue};

use crate::home;

#[test]
fn each_refusal_has_a_code_that_a_test_meets_and_a_text_that_says_what_to_do() {
    let catalogue = catalogue();
    for refusal in TABLE {
        let (code, input) = (refusal.code, refusal.input);
        let test = fs::read_to_string(home().join(refusal.test)).unwrap_or_default();
        assert!(test.contains(&format!("\"{code}\"")), "{input}: {} does not name {code}", refusal.test);
        let told = Lang::ALL.map(|lang| catalogue.render(lang, code, &[]));
        for (lang, told) in Lang::ALL.iter().zip(&told) {
            assert!(ACTORS.contains(&told.act.as_str()), "{input}: {code} in {lang}: who must act?");
            let typed = ["`", "multaqa-", "chmod ", "ls -l", "file "].iter().any(|word| told.next.contains(word));
            assert!(typed, "{input}: {code} in {lang} names no command: {}", told.next);
        }
        assert!(told[0].next != told[1].next && told[1].next != told[2].next, "{code} says the same in two languages");
    }
}

#[test]
fn every_place_at_which_bad_input_is_met_has_its_rows() {
    for (at, least) in [(At::Hub, 20), (At::Node, 12), (At::Person, 40), (At::System, 10)] {
        let inputs: BTreeSet<&str> =
            TABLE.iter().filter(|refusal| refusal.at == at).map(|refusal| refusal.input).collect();
        assert!(inputs.len() >= least, "{at:?}: {}", inputs.len());
    }
}

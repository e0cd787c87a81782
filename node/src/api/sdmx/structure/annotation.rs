//! What records say that SDMX has no place for, as annotations of the type `MULTAQA`.

use multaqa_proto::text::Lang;
use serde_json::{Map, Value, json};

use super::super::catalogue::{Flow, texts};
use super::super::lists::List;
use super::super::message::put_names;

/// What the record of a code list says besides its title, description and codes.
pub(super) fn of_list(list: &List) -> Value {
    let said = [
        ("RECORD", list.object.as_str()),
        ("VERSION", list.payload.version.as_str()),
        ("SOURCE_URL", list.payload.source_url.as_str()),
    ];
    Value::Array(values(&said))
}

/// What the record of an indicator says besides its name and definition.
pub(super) fn of_flow(flow: &Flow, lang: Lang) -> Value {
    let indicator = &flow.indicator;
    let mut annotations = values(&[
        ("RECORD", flow.object.as_str()),
        ("INDICATOR", indicator.code.as_str()),
        ("UNIT_MEASURE", indicator.unit.as_str()),
        ("PERIODICITY", indicator.periodicity.as_str()),
        ("DIRECTION", indicator.direction.as_str()),
        ("MINIMUM", indicator.minimum.as_deref().unwrap_or_default()),
        ("MAXIMUM", indicator.maximum.as_deref().unwrap_or_default()),
        ("SOURCE", indicator.source.as_str()),
        ("SOURCE_URL", indicator.source_url.as_str()),
    ]);
    let told = std::iter::once(("METHOD", "", &indicator.method));
    let told = told.chain(indicator.breaks.iter().map(|b| ("BREAK", b.time_period.as_str(), &b.description)));
    for (id, title, told) in told.filter(|(_, _, told)| !told.is_empty()) {
        let mut annotation = Map::from_iter([("id".to_owned(), json!(id)), ("type".to_owned(), json!("MULTAQA"))]);
        if !title.is_empty() {
            annotation.insert("title".to_owned(), json!(title));
        }
        put_names(&mut annotation, "text", "texts", &texts(told), lang);
        annotations.push(Value::Object(annotation));
    }
    Value::Array(annotations)
}

fn values(said: &[(&str, &str)]) -> Vec<Value> {
    let said = said.iter().filter(|(_, value)| !value.is_empty());
    said.map(|(id, value)| json!({ "id": id, "type": "MULTAQA", "value": value })).collect()
}

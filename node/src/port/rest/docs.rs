//! `/docs`: what is served here, as a page that people read.
//!
//! One page without scripts, made of the same document that programs read, so it holds offline, in any browser and with a reader
//! of screens. It loads nothing: its policy allows its own style and no more. What it says of routes, parameters, answers and refusals
//! is Arabic, English or French, and the page of Arabic runs right to left; comments of the schema are English, and are marked so. In
//! scope: the page. Out of scope: the document (`openapi`), words around it (`docs::words`), its texts in other languages
//! (`docs::texts`), what refusals say (`messages`).

mod texts;
mod words;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderName};
use axum::http::{HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use multaqa_proto::hash::Hash;
use multaqa_proto::text::Lang;
use quick_xml::escape::escape;
use serde_json::Value;

use self::words::{Words, of};
use super::answer::Answer;
use super::call::Call;
use super::openapi::{self, Version, overview};
use super::route::{Form, Gives, Parameter, Route, Shape, Verb};
use crate::api::refusal::Refusal;

const HTML: &str = "text/html; charset=utf-8";

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[Route {
    method: Verb::Get,
    path: "/docs",
    operation: "getDocs",
    tag: "node",
    summary: "Read about all of this as a page",
    description: "What this document says, for people, in Arabic, English or French. It loads nothing from elsewhere.",
    parameters: &[Parameter::query(
        "lang",
        Form::OneOf(&["ar", "en", "fr"]),
        "Language of the page; that of `Accept-Language` where it is left out.",
        "ar",
    )],
    takes: None,
    gives: &[Gives { status: 200, media: HTML, format: "", shape: Shape::Text, description: "The page." }],
    refusals: &[],
    scope: None,
    handler: |call| Box::pin(page(call)),
}];

/// The pages: Arabic, English, French.
static PAGES: LazyLock<[Bytes; 3]> = LazyLock::new(|| {
    let document = openapi::document(Version::V31);
    [Lang::Ar, Lang::En, Lang::Fr].map(|lang| Bytes::from(Page { document: &document, words: of(lang), lang }.html()))
});

/// Nothing but the page's own style, and in no frame.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Hash::of_parts(&[STYLE.as_bytes()]).to_vec());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Where it could not be said, nothing at all is allowed.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

#[expect(clippy::unused_async, reason = "called as every handler is")]
async fn page(call: Call) -> Result<Answer, Refusal> {
    let lang = call.value("lang").and_then(|lang| lang.parse().ok()).unwrap_or(call.lang);
    let [arabic, english, french] = &*PAGES;
    let page = match lang {
        Lang::Ar => arabic,
        Lang::En => english,
        Lang::Fr => french,
    };
    let answer = Answer::of(HTML, page.clone(), None);
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_SECURITY_POLICY, POLICY.clone()),
        (CONTENT_LANGUAGE, HeaderValue::from_static(lang.as_str())),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok(headers.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value)))
}

struct Page<'d> {
    document: &'d Value,
    words: &'static Words,
    lang: Lang,
}

impl Page<'_> {
    fn html(&self) -> String {
        let direction = if self.lang == Lang::Ar { "rtl" } else { "ltr" };
        let Words { title, subtitle, routes, schemas, overview, .. } = self.words;
        format!(
            "<!doctype html>\n<html lang=\"{lang}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1>{title}</h1>\n<p>{subtitle}</p>\n{languages}\n</header>\n<main>\n<nav aria-label=\"{routes}\">\n<h2>{routes}</h2>\n\
             {contents}\n</nav>\n<section>\n<h2>{overview}</h2>\n{about}\n</section>\n{operations}\n<section>\n<h2>{schemas}</h2>\n\
             {models}\n</section>\n</main>\n</body>\n</html>\n",
            lang = self.lang,
            languages = self.languages(),
            contents = self.contents(),
            about = self.about(),
            operations = self.operations(),
            models = self.models(),
        )
    }

    fn languages(&self) -> String {
        let link = |lang: Lang| {
            let name = of(lang).language;
            if lang == self.lang {
                format!("<span aria-current=\"true\" lang=\"{lang}\">{name}</span>")
            } else {
                format!("<a href=\"/docs?lang={lang}\" lang=\"{lang}\" hreflang=\"{lang}\">{name}</a>")
            }
        };
        let files =
            [("/openapi.json", "OpenAPI 3.1"), ("/openapi-3.0.json", "OpenAPI 3.0"), ("/v1/schema", self.words.files)];
        let files = files.map(|(href, name)| format!("<a href=\"{href}\">{name}</a>"));
        format!("<p>{}</p>\n<p>{}</p>", Lang::ALL.map(link).join(" · "), files.join(" · "))
    }

    /// Each operation with its method and path, in the order of the table.
    fn each(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
    }

    fn contents(&self) -> String {
        let entry = |(method, path, operation): (&str, &str, &Value)| {
            format!(
                "<li><a href=\"#{id}\"><code dir=\"ltr\">{method} {path}</code></a> {summary}</li>",
                id = plain(&operation["operationId"]),
                method = method.to_uppercase(),
                path = escape(path),
                summary = self.line(text(&operation["summary"])),
            )
        };
        format!("<ul>\n{}\n</ul>", self.each().map(entry).collect::<Vec<_>>().join("\n"))
    }

    fn operations(&self) -> String {
        self.each()
            .map(|(method, path, operation)| self.operation(method, path, operation))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn operation(&self, method: &str, path: &str, operation: &Value) -> String {
        let Words { body, answers, .. } = self.words;
        let taken = operation.get("requestBody").map(|taken| {
            format!("<h4>{body}</h4>\n{}{}", self.prose(text(&taken["description"])), content(&taken["content"]))
        });
        let given = operation["responses"].as_object().into_iter().flatten().map(|(status, response)| {
            format!(
                "<details>\n<summary><code dir=\"ltr\">{status}</code></summary>\n{}{}</details>\n",
                self.prose(text(&response["description"])),
                content(&response["content"]),
            )
        });
        format!(
            "<section id=\"{id}\">\n<h2><code dir=\"ltr\">{method} {path}</code></h2>\n<h3>{summary}</h3>\n\
             {told}{parameters}{taken}<h4>{answers}</h4>\n{given}</section>",
            id = plain(&operation["operationId"]),
            method = method.to_uppercase(),
            path = escape(path),
            summary = self.line(text(&operation["summary"])),
            told = self.prose(text(&operation["description"])),
            parameters = self.parameters(operation),
            taken = taken.unwrap_or_default(),
            given = given.collect::<Vec<_>>().concat(),
        )
    }

    fn parameters(&self, operation: &Value) -> String {
        let Words { parameters, name, place, form, told, example: of, .. } = self.words;
        let given = operation["parameters"].as_array().into_iter().flatten();
        let row = |parameter: &Value| {
            let parameter = self.resolved(parameter);
            let required = if parameter["required"] == true { " *" } else { "" };
            let example = &parameter["example"];
            let example = if example.is_null() {
                String::new()
            } else {
                format!("<div>{of} <code dir=\"ltr\">{}</code></div>", shown(example))
            };
            format!(
                "<tr><td><code dir=\"ltr\">{}{required}</code></td><td>{}</td><td dir=\"ltr\">{}</td><td>{}{example}</td></tr>",
                plain(&parameter["name"]),
                self.words.place_of(text(&parameter["in"])),
                type_of(&parameter["schema"]),
                self.line(text(&parameter["description"])),
            )
        };
        let rows: Vec<_> = given.map(row).collect();
        if rows.is_empty() {
            return String::new();
        }
        format!(
            "<h4>{parameters}</h4>\n<table>\n<tr><th>{name}</th><th>{place}</th><th>{form}</th><th>{told}</th></tr>\n{}\n</table>\n",
            rows.join("\n")
        )
    }

    fn models(&self) -> String {
        let Words { name, form, told, .. } = self.words;
        let schemas = self.document["components"]["schemas"].as_object().into_iter().flatten();
        let model = |(title, schema): (&String, &Value)| {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let row = |(field, schema): (&String, &Value)| {
                format!(
                    "<tr><td><code dir=\"ltr\">{}</code></td><td dir=\"ltr\">{}</td><td lang=\"en\" dir=\"ltr\">{}</td></tr>",
                    escape(field.as_str()),
                    type_of(schema),
                    inline(text(&schema["description"])),
                )
            };
            let rows = fields.map(row).collect::<Vec<_>>().join("\n");
            let table = if rows.is_empty() {
                format!("<p dir=\"ltr\">{}</p>", type_of(schema))
            } else {
                format!("<table>\n<tr><th>{name}</th><th>{form}</th><th>{told}</th></tr>\n{rows}\n</table>")
            };
            format!(
                "<details id=\"schema-{title}\">\n<summary><code dir=\"ltr\">{title}</code></summary>\n{}\n{table}\n</details>",
                self.prose(text(&schema["description"])),
            )
        };
        schemas.map(model).collect::<Vec<_>>().join("\n")
    }

    /// What a reader has to know besides the routes.
    fn about(&self) -> String {
        let section = |section: &overview::Section| {
            let paragraphs: String = section.paragraphs.iter().map(|text| self.prose(text)).collect();
            let rows = section.table.iter().enumerate().map(|(at, row)| {
                let cell = if at == 0 { "th" } else { "td" };
                let filled = |text: &overview::Text| {
                    inline(&text.filled(texts::find(text.template, self.lang).unwrap_or(text.template)))
                };
                let cells =
                    row.iter().map(|text| format!("<{cell}>{}</{cell}>", filled(text))).collect::<Vec<_>>().concat();
                format!("<tr>{cells}</tr>\n")
            });
            let rows: String = rows.collect();
            let table = if rows.is_empty() { rows } else { format!("<table>\n{rows}</table>\n") };
            format!("<h3>{}</h3>\n{paragraphs}{table}\n", self.line(section.title))
        };
        overview::sections().iter().map(section).collect()
    }

    /// A text of the document in the page's language; where only the schema says it, as that does.
    fn line(&self, english: &str) -> String {
        match texts::find(english, self.lang) {
            Some(told) => inline(told),
            None => format!("<span lang=\"en\" dir=\"ltr\">{}</span>", inline(english)),
        }
    }

    /// Paragraphs, and lines that begin with a dash as a list.
    fn prose(&self, text: &str) -> String {
        let paragraph = |paragraph: &str| match (paragraph.strip_prefix("- "), paragraph.strip_prefix("Scope: ")) {
            (Some(items), _) => {
                let items: Vec<_> =
                    items.split("\n- ").map(|item| format!("<li>{}</li>\n", self.refusal(item))).collect();
                format!("<ul>\n{}</ul>\n", items.concat())
            }
            (None, Some(scope)) => format!("<p>{} {}</p>\n", self.words.scope, inline(scope.trim_end_matches('.'))),
            (None, None) => match texts::find(paragraph, self.lang) {
                Some(told) => format!("<p>{}</p>\n", inline(told)),
                None => format!("<p lang=\"en\" dir=\"ltr\">{}</p>\n", inline(paragraph)),
            },
        };
        text.split("\n\n").filter(|paragraph| !paragraph.is_empty()).map(paragraph).collect()
    }

    /// A refusal of the document's lists, "`CODE`: what it says", in the page's language.
    fn refusal(&self, item: &str) -> String {
        let code = item.strip_prefix('`').and_then(|item| item.split_once('`')).map(|(code, _)| code);
        match code.and_then(|code| openapi::told_of(code, self.lang)) {
            Some((code, told)) => inline(&format!("`{code}`: {told}")),
            None => inline(item),
        }
    }

    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        target.and_then(|target| self.document.pointer(target)).unwrap_or(value)
    }
}

/// Media types with their schemas and an example each.
fn content(content: &Value) -> String {
    let one = |(media, of): (&String, &Value)| {
        let example = of.get("example").map(|example| format!("<pre dir=\"ltr\">{}</pre>", pretty(example)));
        format!(
            "<p><code dir=\"ltr\">{}</code> <span dir=\"ltr\">{}</span></p>\n{}\n",
            escape(media.as_str()),
            type_of(&of["schema"]),
            example.unwrap_or_default(),
        )
    };
    content.as_object().into_iter().flatten().map(one).collect::<Vec<_>>().concat()
}

/// The type of a schema, with a link to what it refers to.
fn type_of(schema: &Value) -> String {
    let parts = |list: &Value, between: &str| {
        list.as_array()
            .into_iter()
            .flatten()
            .map(type_of)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(between)
    };
    if let Some(name) = schema["$ref"].as_str().and_then(|target| target.rsplit('/').next()) {
        return format!("<a href=\"#schema-{name}\">{name}</a>", name = escape(name));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| format!("<code>{}</code>", shown(word))).collect::<Vec<_>>().join(" | ");
    }
    for (keyword, between) in [("anyOf", " | "), ("oneOf", " | "), ("allOf", " &amp; ")] {
        if schema[keyword].is_array() {
            return parts(&schema[keyword], between);
        }
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(plain).collect::<Vec<_>>().join(" | "),
        Value::String(kind) if kind == "array" => format!("[{}]", type_of(&schema["items"])),
        Value::String(kind) => format!("{}{}", escape(kind.as_str()), bounds(schema)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn bounds(schema: &Value) -> String {
    match (schema["minimum"].as_u64(), schema["maximum"].as_u64(), schema["maxLength"].as_u64()) {
        (Some(min), Some(max), _) => format!(" {min}–{max}"),
        (None, None, Some(max)) => format!(" ≤ {max}"),
        (Some(_), None, _) | (None, Some(_), _) | (None, None, None) => String::new(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn plain(value: &Value) -> String {
    escape(text(value)).into_owned()
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| escape(value.to_string()).into_owned(), |text| escape(text).into_owned())
}

fn pretty(value: &Value) -> String {
    escape(format!("{value:#}")).into_owned()
}

/// Text with code in backticks, which runs left to right in every language.
fn inline(text: &str) -> String {
    let part = |(at, part): (usize, &str)| {
        let part = escape(part);
        if at % 2 == 1 { format!("<code dir=\"ltr\">{part}</code>") } else { part.into_owned() }
    };
    text.split('`').enumerate().map(part).collect()
}

/// The style; whoever changes it changes the policy with it.
const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 64rem; margin-inline: auto; padding: 1rem; }
h2 { border-block-start: 1px solid; padding-block-start: 1rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .25rem .5rem; border: 1px solid; }
[dir=ltr] { text-align: left; }
td { overflow-wrap: break-word; }
main { overflow-x: auto; }
td:first-child code { white-space: nowrap; }
summary { cursor: pointer; }
:target { outline: 2px solid; outline-offset: .5rem; }
";

#[cfg(test)]
mod tests;

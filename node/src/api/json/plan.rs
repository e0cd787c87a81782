//! What a message's fields are called and made of, looked up once for all messages of a kind.
//!
//! Asking a descriptor costs more than writing the field. In scope: plans of messages, those of all kinds made when the first
//! payload is shown. Out of scope: writing by them (`write`).

use std::collections::HashMap;
use std::sync::OnceLock;

use multaqa_proto::kind::KINDS;
use prost_reflect::{FieldDescriptor, Kind as Type, MessageDescriptor};

/// The plans of all messages that payloads are made of.
#[derive(Debug)]
pub(super) struct Plans {
    messages: Vec<Message>,
    by_name: HashMap<String, usize>,
}

/// The plan of a message.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// In the order of their numbers, which is that of the text.
    pub(super) fields: Vec<Field>,
}

/// The plan of a field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u32,
    /// As masks name it.
    pub(super) name: Box<str>,
    /// As the text has it: `"name":`.
    pub(super) key: Box<str>,
    /// Whether it is left out where it is absent.
    pub(super) optional: bool,
    /// Which of the message's choices it is one of.
    pub(super) oneof: Option<Box<str>>,
    pub(super) many: Many,
    pub(super) of: Of,
}

/// How many values a field has.
#[derive(Debug, Clone)]
pub(super) enum Many {
    One,
    List,
    /// By keys of this type, whose numbers are 1 and those of values 2.
    Map(Type),
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Of {
    /// A number, a text, bytes, an enum.
    Scalar(Type),
    /// The message with this plan.
    Message(usize),
}

impl Plans {
    /// Those of all kinds, by their names.
    pub(super) fn of_kinds() -> &'static Self {
        static PLANS: OnceLock<Plans> = OnceLock::new();
        PLANS.get_or_init(|| Self::new(KINDS.iter().map(|kind| (kind.name, kind.message()))))
    }

    /// Those of these messages, by these names, and of what they are made of.
    pub(super) fn new<'n>(messages: impl IntoIterator<Item = (&'n str, MessageDescriptor)>) -> Self {
        let mut making = Making::default();
        let by_name = messages.into_iter().map(|(name, message)| (name.to_owned(), making.message(&message))).collect();
        Self { messages: making.messages, by_name }
    }

    /// The plan of this name; none where there is no such message, as of a kind that this version does not know.
    pub(super) fn get(&self, name: &str) -> Option<&Message> {
        self.by_name.get(name).map(|at| self.at(*at))
    }

    /// The plan that [`Of::Message`] names.
    pub(super) fn at(&self, at: usize) -> &Message {
        &self.messages[at]
    }
}

#[derive(Default)]
struct Making {
    messages: Vec<Message>,
    by_name: HashMap<String, usize>,
}

impl Making {
    /// Where the plan of a message stands; it is made where there is none.
    fn message(&mut self, message: &MessageDescriptor) -> usize {
        if let Some(at) = self.by_name.get(message.full_name()) {
            return *at;
        }
        let at = self.messages.len();
        // It has its place before its fields, one of which may be of the same message.
        self.by_name.insert(message.full_name().to_owned(), at);
        self.messages.push(Message::default());
        let fields = message.fields().map(|field| self.field(&field)).collect();
        self.messages[at] = Message { fields };
        at
    }

    fn field(&mut self, field: &FieldDescriptor) -> Field {
        let kind = field.kind();
        let (many, value) = if let Some(entry) = kind.as_message().filter(|_| field.is_map()) {
            (Many::Map(entry.map_entry_key_field().kind()), entry.map_entry_value_field().kind())
        } else {
            (if field.is_list() { Many::List } else { Many::One }, kind)
        };
        let of = match value.as_message() {
            Some(message) => Of::Message(self.message(message)),
            None => Of::Scalar(value),
        };
        let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        Field {
            number: field.number(),
            name: field.name().into(),
            key: format!("\"{}\":", field.name()).into(),
            optional: field.supports_presence(),
            oneof: oneof.map(|oneof| oneof.name().into()),
            many,
            of,
        }
    }
}

//! What the verbs say, in the language asked for: this room's own texts (`screen/*.ftl`) and those of all codes.

multaqa_proto::program_screen!("certs", &multaqa_proto::code::MESSAGES, &crate::code::MESSAGES);

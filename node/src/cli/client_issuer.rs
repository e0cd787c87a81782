//! `client issuer`: the CA that issues to the member's systems, and the next one.
//!
//! Out of scope: keys, and the time in which both hold (the running node).

use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node as wire;
use multaqa_runtime::output;
use serde_json::{Value, json};

use super::Call;
use super::client::Node;
use super::failure::Failure;
use super::publish::print;

/// Show the issuing CA for systems, make the next one, end the one before it
///
/// It is this node's own and lives ten years; `multaqa-node status` warns from two years before its end. The next one issues from its
/// making on. Certificates of the one before it hold until their own end, at most two years, and the port goes on showing a
/// certificate of it, so that no system is cut off; each gets the new ca.pem, which holds both, with its next certificate. Once no
/// certificate of the one before is in use, it ends by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node client issuer show
  multaqa-node client issuer renew
Where its key may be in wrong hands, make the next one and end it at once, then renew the certificate of every system:
  multaqa-node client issuer renew && multaqa-node client issuer retire")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Show until when it holds, and which systems use the one before it
    Show,
    /// Make the next one; certificates in use hold until their own end
    Renew,
    /// End the one before it at once: its certificates are cut, its key is deleted
    Retire,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<(), Failure> {
        let mut clients = Node::connect(&call.dir()).await?.clients();
        let issuer = match self.what {
            What::Show => clients.get_issuer(wire::GetIssuerRequest {}).await?.into_inner().issuer,
            What::Renew => clients.renew_issuer(wire::RenewIssuerRequest {}).await?.into_inner().issuer,
            What::Retire => clients.retire_issuer(wire::RetireIssuerRequest {}).await?.into_inner().issuer,
        };
        let issuer = issuer.unwrap_or_default();
        print(call, &text(call.screen, &issuer), &json!({ "issuer": value(&issuer) }))
    }
}

fn text(screen: Screen<'_>, issuer: &wire::ClientIssuer) -> String {
    let wire::ClientIssuer { not_after_ms, ca_path, previous_not_after_ms, left } = issuer;
    let until = Line::new("say-issuer").with("until", output::instant(*not_after_ms)).with("path", ca_path);
    let mut lines = vec![screen.text(&until)];
    if let Some(previous_ms) = previous_not_after_ms {
        let until = Line::new("say-issuer-previous").with("until", output::instant(*previous_ms));
        lines.push(screen.text(&until));
        lines.push(if left.is_empty() {
            screen.word("say-issuer-none-left")
        } else {
            screen.text(&Line::new("say-issuer-left").with("names", left.join(" ")))
        });
    }
    lines.join("\n") + "\n"
}

fn value(issuer: &wire::ClientIssuer) -> Value {
    let wire::ClientIssuer { not_after_ms, ca_path, previous_not_after_ms, left } = issuer;
    json!({
        "not_after_ms": not_after_ms,
        "ca_path": ca_path,
        "previous_not_after_ms": previous_not_after_ms,
        "left": left,
    })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;

    use super::super::screen::screen;
    use super::*;

    #[test]
    fn it_is_told_until_when_each_holds_and_who_is_left() {
        let one =
            wire::ClientIssuer { not_after_ms: 86_400_000, ca_path: "/srv/ca.pem".to_owned(), ..Default::default() };
        assert_eq!(text(screen(Lang::En), &one).lines().count(), 1);
        let two = wire::ClientIssuer { previous_not_after_ms: Some(1), left: vec!["mof/budget".to_owned()], ..one };
        let said = text(screen(Lang::En), &two);
        assert!(said.contains("1970-01-02") && said.contains("mof/budget"), "{said}");
        let none = wire::ClientIssuer { left: Vec::new(), ..two };
        let [arabic, french] = [Lang::Ar, Lang::Fr].map(|lang| text(screen(lang), &none));
        assert!(arabic.lines().count() == 3 && french.lines().count() == 3 && arabic != french, "{arabic}{french}");
    }
}

//! The hub's own certificate, taken anew when its file changes: it lives seven days and is renewed beside the running hub.
//!
//! In scope: looking at the file once a minute, handing it to the acceptor, warning in the log before it or an issuing CA ends.
//! Out of scope: renewing them (`multaqa-certs issue --replace`, `renew-issuer`), showing them (`service::operator`,
//! `cli::status`). Issuing CAs are read at the start.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use multaqa_certs::server::Acceptor;
use multaqa_certs::store::TlsIdentity;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::output;

/// How often the file is looked at.
const TICK: Duration = Duration::from_mins(1);
/// How long before its end a certificate is warned of, milliseconds: two days.
const WARN_BEFORE_MS: i64 = 48 * 3_600_000;
/// How long before its end an issuing CA is warned of, milliseconds: thirty days, for its key is offline.
const WARN_ISSUER_BEFORE_MS: i64 = 30 * 24 * 3_600_000;
/// How often the log warns, milliseconds: hourly.
const WARN_EVERY_MS: u64 = 3_600_000;

/// Whether a certificate of this end (milliseconds since 1970 UTC) must be renewed soon, or is past it.
pub(crate) const fn ends_soon(not_after_ms: i64, now_ms: i64) -> bool {
    not_after_ms.saturating_sub(now_ms) <= WARN_BEFORE_MS
}

/// Whether an issuing CA of this end must be made anew soon, or is past it.
pub(crate) const fn issuer_ends_soon(not_after_ms: i64, now_ms: i64) -> bool {
    not_after_ms.saturating_sub(now_ms) <= WARN_ISSUER_BEFORE_MS
}

/// Unix seconds, as certificates have them, in milliseconds.
pub(crate) fn in_ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

/// Follows the file until the drain. One that cannot be used is told in the log; the certificate in use stays.
pub(super) async fn follow(acceptor: Acceptor, path: PathBuf, clock: Clock, shutdown: Shutdown) -> Result<(), Fault> {
    let mut watch = Watch { acceptor, path, clock, seen: None, warned_ms: None };
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            () = shutdown.draining() => return Ok(()),
            _ = tick.tick() => {}
        }
        watch.take_anew().await;
        watch.warn();
    }
}

struct Watch {
    acceptor: Acceptor,
    path: PathBuf,
    clock: Clock,
    /// The file as it was taken last: another one has another number or another time.
    seen: Option<(u64, SystemTime)>,
    warned_ms: Option<i64>,
}

impl Watch {
    async fn take_anew(&mut self) {
        let found = tokio::fs::metadata(&self.path).await;
        let found = found.and_then(|metadata| Ok((metadata.ino(), metadata.modified()?))).ok();
        if found == self.seen {
            return;
        }
        self.seen = found;
        let before = self.acceptor.not_after();
        match reload(&self.acceptor, self.path.clone()).await {
            Ok(()) if self.acceptor.not_after() == before => {}
            Ok(()) => {
                let until = output::instant(in_ms(self.acceptor.not_after()));
                tracing::info!(until, "the hub's certificate was taken anew");
            }
            Err(fault) => tracing::error!(%fault, "the hub's certificate cannot be taken anew"),
        }
    }

    /// Warns where it is due; of how much it did.
    fn warn(&mut self) -> usize {
        let (not_after_ms, now_ms) = (in_ms(self.acceptor.not_after()), self.clock.now_ms());
        let ending = self.acceptor.issuing().into_iter().map(|(profile, end)| (profile, in_ms(end)));
        let ending: Vec<_> = ending.filter(|(_, end)| issuer_ends_soon(*end, now_ms)).collect();
        let own = ends_soon(not_after_ms, now_ms);
        let lately = self.warned_ms.is_some_and(|warned| warned.abs_diff(now_ms) < WARN_EVERY_MS);
        if lately || (!own && ending.is_empty()) {
            return 0;
        }
        if own {
            let until = output::instant(not_after_ms);
            tracing::warn!(until, "HUB_CERTIFICATE_ENDS: the hub's certificate must be renewed");
        }
        for (profile, end) in &ending {
            let until = output::instant(*end);
            tracing::warn!(issuer = %profile, until, "ISSUER_ENDS: the issuing CA must be made anew");
        }
        self.warned_ms = Some(now_ms);
        usize::from(own) + ending.len()
    }
}

async fn reload(acceptor: &Acceptor, path: PathBuf) -> Result<(), Fault> {
    let task = |error: tokio::task::JoinError| {
        Fault::new(multaqa_runtime::code::TASK_PANICKED).with("task", "identity").with("detail", error)
    };
    let loaded = tokio::task::spawn_blocking(move || TlsIdentity::load(&path)).await.map_err(task)?;
    let identity = loaded.map_err(|error| Fault { code: error.code(), args: error.args() })?;
    acceptor.reload(&identity).map_err(|error| Fault { code: error.code(), args: error.args() })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use multaqa_certs::authority;
    use multaqa_certs::profile::Profile;
    use multaqa_certs::serials::Serials;
    use multaqa_certs::server::Limits;
    use multaqa_runtime::clock::Hand;

    use super::*;

    const NOW_MS: i64 = 1_767_225_600_000;
    const DAY: Duration = Duration::from_hours(24);

    /// What the command of the documentation does: in place of what is there.
    fn issue(home: &Path, clock: &Clock) {
        let identity = "hub/main".parse().unwrap();
        let (renewed, _) = authority::issue_new(home, &identity, clock.now_ms().unsigned_abs(), None).unwrap();
        renewed.save(&home.join("hub.pem")).unwrap();
    }

    fn watch(home: &Path) -> (Watch, Hand) {
        let (clock, hand) = Clock::manual(NOW_MS);
        authority::init_dir(home, &"multaqa.example".parse().unwrap(), NOW_MS.unsigned_abs()).unwrap();
        issue(home, &clock);
        let path = home.join("hub.pem");
        let (root, issuer) = (Profile::Root, Profile::NodesIssuer);
        let [root, issuer] = [root, issuer].map(|profile| authority::load_certificate(home, profile).unwrap());
        let identity = TlsIdentity::load(&path).unwrap();
        let seconds = clock.in_seconds();
        let acceptor =
            Acceptor::new(&identity, &root, vec![issuer], Serials::default(), seconds, Limits::default()).unwrap();
        (Watch { acceptor, path, clock, seen: None, warned_ms: None }, hand)
    }

    #[tokio::test]
    async fn a_renewed_certificate_is_taken_and_a_damaged_file_is_not() {
        let home = tempfile::tempdir().unwrap();
        let (mut watch, hand) = watch(home.path());
        watch.take_anew().await;
        let first = watch.acceptor.not_after();
        hand.advance(DAY * 6);
        watch.take_anew().await;
        assert_eq!(watch.acceptor.not_after(), first);
        issue(home.path(), &watch.clock);
        watch.take_anew().await;
        assert_eq!(watch.acceptor.not_after(), first + DAY.as_secs() * 6);
        std::fs::write(home.path().join("hub.pem"), "half of a file").unwrap();
        watch.take_anew().await;
        assert_eq!(watch.acceptor.not_after(), first + DAY.as_secs() * 6);
    }

    #[test]
    fn the_log_warns_hourly_from_two_days_before_the_end() {
        let home = tempfile::tempdir().unwrap();
        let (mut watch, hand) = watch(home.path());
        hand.advance(Duration::from_secs(5 * 24 * 3600 - 1));
        assert_eq!(watch.warn(), 0);
        hand.advance(Duration::from_secs(1));
        assert_eq!(watch.warn(), 1);
        assert_eq!(watch.warn(), 0, "once an hour");
        hand.advance(Duration::from_hours(1));
        assert_eq!(watch.warn(), 1);
        hand.advance(DAY * 30);
        assert_eq!(watch.warn(), 1, "past its end too");
        // Two issuing CAs (of nodes and of the hub) end 180 days after they were made.
        hand.set(NOW_MS + 150 * 86_400_000);
        assert_eq!(watch.warn(), 3);
    }
}

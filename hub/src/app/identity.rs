//! The hub's own certificate, taken anew when its file changes: it lives seven days and is renewed beside the running hub.
//!
//! In scope: looking at the file once a minute, handing it to the acceptor. Out of scope: renewing it (`multaqa-certs issue`).

use std::path::PathBuf;
use std::time::Duration;

use multaqa_certs::server::Acceptor;
use multaqa_certs::store::TlsIdentity;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;

/// How often the file is looked at.
const TICK: Duration = Duration::from_mins(1);

/// Follows the file until the drain. One that cannot be used is told in the log; the certificate in use stays.
pub(super) async fn follow(acceptor: Acceptor, path: PathBuf, shutdown: Shutdown) -> Result<(), Fault> {
    let mut tick = tokio::time::interval(TICK);
    let mut modified = None;
    loop {
        tokio::select! {
            () = shutdown.draining() => return Ok(()),
            _ = tick.tick() => {}
        }
        let found = tokio::fs::metadata(&path).await.and_then(|metadata| metadata.modified()).ok();
        if found == modified {
            continue;
        }
        // The first look finds what was loaded at start.
        let first = std::mem::replace(&mut modified, found).is_none();
        if first {
            continue;
        }
        match reload(&acceptor, path.clone()).await {
            Ok(()) => tracing::info!("the hub's certificate was taken anew"),
            Err(fault) => tracing::error!(%fault, "the hub's certificate cannot be taken anew"),
        }
    }
}

async fn reload(acceptor: &Acceptor, path: PathBuf) -> Result<(), Fault> {
    let task = |error: tokio::task::JoinError| {
        Fault::new(multaqa_runtime::code::TASK_PANICKED).with("task", "identity").with("detail", error)
    };
    let loaded = tokio::task::spawn_blocking(move || TlsIdentity::load(&path)).await.map_err(task)?;
    let identity = loaded.map_err(|error| super::file_fault(&error))?;
    acceptor.reload(&identity).map_err(|error| super::setup_fault(&error))
}

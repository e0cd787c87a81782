//! A member system of a demo's node: a key with its request, the node's port, a certificate.
//!
//! In scope: what a ministry's developer and the gateway's operator do together. Out of scope: reading (any HTTP client does).

use std::fs;
use std::path::Path;

use multaqa_certs::pem;
use multaqa_certs::request::NewKey;
use multaqa_certs::store;

use crate::failure::{Failure, disk};
use crate::json;
use crate::node::Node;

/// A port on this machine alone, with any number.
const PORT: &str = "[clients]\nlisten = \"127.0.0.1:0\"\nnames = [\"127.0.0.1\"]\n";

impl Node {
    /// Opens its port, for which it starts anew, and admits a system that reads everything and publishes services.
    ///
    /// # Errors
    /// Where a file cannot be written, the node does not come up, or the command fails.
    pub fn admit_system(&mut self, name: &str) -> Result<(), Failure> {
        let drop_ins = self.dir().join("node.toml.d");
        fs::create_dir_all(&drop_ins).map_err(disk(&drop_ins))?;
        let drop_in = drop_ins.join("50-clients.toml");
        fs::write(&drop_in, PORT).map_err(disk(&drop_in))?;
        self.stop()?;
        self.start()?;
        let request = request(self.dir())?;
        let scopes = ["--allow", "read:*", "--allow", "publish:service"];
        let issued = self.json(&[&["client", "add", name, "--csr", &request][..], &scopes].concat())?;
        self.system_line = Some(json::text(&issued, "/commands/curl")?.to_owned());
        Ok(())
    }

    /// The `curl` line with which its system asks for a list, as the node printed it; none where it has no system.
    #[must_use]
    pub fn system_line(&self) -> Option<&str> {
        self.system_line.as_deref()
    }
}

/// A fresh key and its request beside the node's directory; the request's path.
fn request(node: &Path) -> Result<String, Failure> {
    let unwritten = |path: &Path, why: &dyn ToString| Failure::Disk { path: path.to_owned(), why: why.to_string() };
    let (key, request) = (node.with_extension("system.key"), node.with_extension("system.csr"));
    let made = NewKey::generate().map_err(|why| unwritten(&key, &why))?;
    store::save_key(&key, &made.key).map_err(|why| unwritten(&key, &why))?;
    fs::write(&request, pem::encode("CERTIFICATE REQUEST", &made.request).as_str()).map_err(disk(&request))?;
    Ok(request.display().to_string())
}

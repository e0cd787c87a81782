//! What both servers need to be good processes. This room knows nothing of records, members or certificates.
//!
//! | module | what it does |
//! |---|---|
//! | [`boot`] | the async runtime, the process's exit code, the arguments that every binary has |
//! | [`config`] | defaults < file < drop-ins < environment < flags; each value keeps its origin |
//! | [`layer`] | one layer of a configuration: reading it, checking it alone |
//! | [`secret`] | secrets, by file or credential directory only |
//! | [`lifecycle`] | first signal drains, second cuts, a deadline ends it; supervised tasks |
//! | [`clock`] | the only reader of the wall clock |
//! | [`retry`] | how long to wait before the next attempt |
//! | [`telemetry`] | log lines to standard error, metrics as text |
//! | [`listen`] | bound sockets, TCP and Unix, behind one small trait |
//! | [`serve`] | one listener's whole stack: accept, limits, HTTP, drain, cut |
//! | [`admin`] | `/livez`, `/readyz`, `/metrics` on loopback |
//! | [`output`] | what command lines print: tables, JSON, times |
//! | [`point`] | fail points, at which a test stops a process; nothing in a product |
//! | [`backup`] | a directory of files with a manifest: written whole or not at all, checked, put in place |
//! | [`database`] | what a database file says of itself, before it is opened |
//! | [`digest`] | digests of table rows that nothing else gives |
//! | [`heap`] | how much of the memory that was freed the C library keeps |
//! | [`near`] | the known name that is written most like an unknown one |
//! | [`fault`], [`code`] | the error type and its codes; texts are in `messages/`, rendered by the binaries |

pub mod admin;
pub mod backup;
pub mod boot;
pub mod clock;
pub mod code;
pub mod config;
pub mod database;
pub mod digest;
pub mod fault;
pub mod heap;
pub mod layer;
pub mod lifecycle;
pub mod listen;
pub mod near;
pub mod output;
pub mod point;
pub mod retry;
pub mod secret;
pub mod serve;
pub mod telemetry;

//! deploy/demo

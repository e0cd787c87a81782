//! Plain programs that move or store the same bytes as the federation, without what makes a federation of it.

pub(crate) mod frames;
pub(crate) mod insert;

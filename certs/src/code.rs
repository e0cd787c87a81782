//! This room's error codes and their texts.

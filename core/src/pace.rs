//! Pacing: when the next message of a sending identity may go. Pure: `now` is an argument.

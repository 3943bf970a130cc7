//! What a synthesis costs, without the disk.

fn main() {}

//! The report of a proof: the page for people, and the schema of the document for machines.

#[cfg(test)]
mod report {
    pub(crate) mod fixture;
    mod page;
    mod schema;
}

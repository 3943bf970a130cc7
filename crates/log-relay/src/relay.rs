//! The write loop: from a payload to the central log group.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

use crate::batch::{Batch, Delivery, Payload};
use crate::central::{CentralLog, Rejection, WriteError};
use crate::error::RelayError;
use crate::piece::{Piece, Untimely, pieces};
use crate::request::{Request, requests};
use crate::settings::Settings;
use crate::written::{BatchKey, Memory, Written};

/// What Lambda gives with a batch.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    /// The account that the relay runs in.
    pub account: &'a str,
    /// The present time, in milliseconds since 1970-01-01.
    pub now: i64,
    /// How long the relay may write.
    pub time_left: Duration,
}

/// What was done with a batch, also when it failed. The pieces are the events, those that are too long in parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Whether there was nothing to do: CloudWatch Logs only tried whether the relay can be reached.
    pub control: bool,
    /// How many events were delivered.
    pub events: usize,
    /// How many of them had no message, and so nothing to write.
    pub empty: usize,
    /// How many pieces there are.
    pub pieces: usize,
    /// How many pieces an earlier attempt of the same batch had written.
    pub written_before: usize,
    /// How many pieces CloudWatch Logs took.
    pub written: usize,
    /// How many of those at the present time, for it would not take them at their own.
    pub restamped: usize,
    /// How often CloudWatch Logs rejected a piece as too old.
    pub rejected_too_old: usize,
    /// How often as older than what the log group keeps.
    pub rejected_expired: usize,
    /// How often as too new.
    pub rejected_too_new: usize,
    /// How many requests were answered.
    pub requests: usize,
    /// How many streams were made.
    pub streams: usize,
    /// How many calls were sent, retries among them.
    pub attempts: u64,
}

impl Tally {
    fn reject(&mut self, reason: Untimely) {
        match reason {
            Untimely::TooOld => self.rejected_too_old += 1,
            Untimely::Expired => self.rejected_expired += 1,
            Untimely::TooNew => self.rejected_too_new += 1,
        }
    }
}

/// Copies batches of one log group of one tenant.
#[derive(Debug)]
pub struct Relay<C> {
    settings: Settings,
    central: C,
    memory: Memory,
}

impl<C: CentralLog> Relay<C> {
    /// A relay that writes to a central log group.
    pub fn new(settings: Settings, central: C) -> Self {
        Self { settings, central, memory: Memory::default() }
    }

    /// Copies one batch and counts what it does. A control message is taken and nothing done.
    ///
    /// # Errors
    /// When the batch is not the tenant's, or was not written as a whole. It is then to be delivered again; what this attempt has
    /// written is not written twice, if the next one comes to the same execution environment.
    pub async fn copy(
        &self,
        payload: &Payload,
        invocation: Invocation<'_>,
        tally: &mut Tally,
    ) -> Result<(), RelayError> {
        let Delivery::Logs(batch) = payload.decode()? else {
            tally.control = true;
            return Ok(());
        };
        self.admit(&batch, invocation.account)?;
        tally.events = batch.events.len();
        tally.empty = batch.events.iter().filter(|event| event.message.is_empty()).count();

        let key = BatchKey::of(payload);
        let mut written = self.memory.take(key);
        let attempts = self.central.attempts();
        let writing = self.write(pieces(batch.events), invocation.now, &mut written, tally);
        let result = tokio::time::timeout(invocation.time_left, writing).await;
        tally.attempts = self.central.attempts() - attempts;
        let result = result.unwrap_or(Err(RelayError::OutOfTime));
        if result.is_err() {
            self.memory.keep(key, written);
        }
        result
    }

    /// Takes the one log group of the tenant, in the relay's account: neither another tenant's, nor one that the relay itself fills.
    fn admit(&self, batch: &Batch, account: &str) -> Result<(), RelayError> {
        let relayed = self.settings.relayed.name();
        if batch.log_group != relayed {
            return Err(RelayError::ForeignLogGroup { given: batch.log_group.clone(), relayed: relayed.to_owned() });
        }
        if batch.owner != account {
            return Err(RelayError::ForeignAccount { given: batch.owner.clone(), own: account.to_owned() });
        }
        Ok(())
    }

    async fn write(
        &self,
        mut pieces: Vec<Piece>,
        now: i64,
        written: &mut Written,
        tally: &mut Tally,
    ) -> Result<(), RelayError> {
        tally.pieces = pieces.len();
        pieces.retain(|piece| !written.has(piece.index));
        tally.written_before = tally.pieces - pieces.len();
        let timely = pieces.into_iter().map(|piece| piece.timely(now)).collect();
        let mut left = VecDeque::from(requests(timely));
        let mut given_up = 0;
        while let Some(request) = left.pop_front() {
            let rejection = self.put(&request, tally).await?;
            let mut late = Vec::new();
            for (place, piece) in request.pieces.into_iter().enumerate() {
                match rejection.of(place) {
                    None => {
                        written.add(piece.index);
                        tally.written += 1;
                        tally.restamped += usize::from(piece.restamped.is_some());
                    }
                    Some(reason) => {
                        tally.reject(reason);
                        if piece.restamped.is_some() {
                            given_up += 1;
                        } else {
                            late.push(piece.restamped(now, reason));
                        }
                    }
                }
            }
            for request in requests(late).into_iter().rev() {
                left.push_front(request);
            }
        }
        match given_up {
            0 => Ok(()),
            pieces => Err(RelayError::Rejected { pieces, relayed: self.settings.relayed.name().to_owned() }),
        }
    }

    /// Writes a request, to a new stream if need be.
    async fn put(&self, request: &Request, tally: &mut Tally) -> Result<Rejection, RelayError> {
        let stream = self.settings.relayed.stream(request.day);
        let failed = |source| RelayError::Write { stream: stream.clone(), source };
        let rejection = match self.central.put(&stream, &request.pieces).await {
            Err(WriteError::NoStream) => {
                self.central.create_stream(&stream).await.map_err(failed)?;
                tally.streams += 1;
                self.central.put(&stream, &request.pieces).await
            }
            put => put,
        };
        let rejection = rejection.map_err(failed)?;
        tally.requests += 1;
        Ok(rejection)
    }
}

#[cfg(test)]
mod tests;

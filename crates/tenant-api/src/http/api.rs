//! The API of one tenant: lock, route, method, standing, and then the handler.

use lambda_http::http::header::{ALLOW, HeaderName};
use lambda_http::http::{HeaderValue, Method, StatusCode};
use lambda_http::{Body, Response};
use serde_json::json;

use super::list::Lists;
use super::route::UNMATCHED;
use super::{Incoming, OPENAPI, Route, reply};
use crate::etag::{ETag, Preconditions};
use crate::event::Status;
use crate::lock::{self, OtherTenant};
use crate::problem::{Kind, Problem};
use crate::settings::Settings;
use crate::table::{Standing, Table, TableError};

/// The API of one tenant.
#[derive(Debug)]
pub(crate) struct Api {
    pub(super) settings: Settings,
    pub(super) table: Table,
    pub(super) lists: Lists,
}

/// A response, and what the log tells of it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The known path, or `unmatched`.
    pub route: &'static str,
    /// The response.
    pub response: Response<Body>,
    /// Why it is not the one that was asked for.
    pub failure: Option<Failure>,
}

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request is at fault.
    #[error("{}", .0.detail)]
    Problem(Problem),
    /// It names another tenant.
    #[error(transparent)]
    OtherTenant(#[from] OtherTenant),
    /// The table is at fault.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Failure {
    /// What a caller is told: never what AWS said.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::Problem(problem) => problem.clone(),
            // Not which tenant: a caller learns nothing about others here.
            Self::OtherTenant(OtherTenant { place, .. }) => {
                Problem::new(Kind::OtherTenant, format!("the {place} names another tenant than the one of this API"))
            }
            Self::Table(error) => error.problem(),
        }
    }

    /// Whether another tenant was named or reached.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self, Self::OtherTenant(_) | Self::Table(TableError::OtherTenant(_)))
    }
}

impl Answer {
    /// The answer to a request that could not be understood.
    pub(crate) fn refused(failure: Failure, request_id: &str) -> Self {
        Self::of(UNMATCHED, Err(failure), request_id)
    }

    fn of(route: &'static str, done: Result<Response<Body>, Failure>, request_id: &str) -> Self {
        let (mut response, failure) = match done {
            Ok(response) => (response, None),
            Err(failure) => (reply::problem(&failure.problem(), request_id), Some(failure)),
        };
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        Self { route, response, failure }
    }
}

impl Api {
    /// The API for a tenant.
    pub(crate) fn new(settings: Settings, table: Table) -> Self {
        Self { settings, table, lists: Lists::default() }
    }

    /// Answers a request.
    pub(crate) async fn respond(&self, request: Incoming, request_id: &str) -> Answer {
        let (name, route) = Route::parse(&request.path);
        let head = request.method == Method::HEAD;
        let done = match (lock::check(&request, &self.settings), route) {
            (Err(other), _) => Err(other.into()),
            (_, Err(problem)) => Err(problem.into()),
            (_, Ok(route)) => self.handle(route, request, request_id).await,
        };
        let mut answer = Answer::of(name, done, request_id);
        if head {
            *answer.response.body_mut() = Body::Empty;
        }
        answer
    }

    async fn handle(&self, route: Route, request: Incoming, request_id: &str) -> Result<Response<Body>, Failure> {
        if !route.allows(&request.method) {
            return Ok(not_allowed(&route, &request.method, request_id));
        }
        if request.method == Method::OPTIONS {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            reply::set(&mut response, ALLOW, route.allowed());
            return Ok(response);
        }
        let preconditions = Preconditions::parse(&request.headers)?;
        match route {
            Route::Health => {
                only(&request, &[])?;
                let health = json!({ "status": "ok", "tenant": self.settings.tenant });
                unless_known(reply::json(StatusCode::OK, &health), &health.to_string(), &preconditions)
            }
            Route::OpenApi => {
                only(&request, &[])?;
                served(self.table.standing().await?)?;
                let response = reply::tagged(StatusCode::OK, OPENAPI.to_owned(), &ETag::of(OPENAPI.as_bytes()));
                unless_known(response, OPENAPI, &preconditions)
            }
            Route::Resources => self.list(&request, &preconditions).await,
            Route::Resource(name) => {
                only(&request, &[])?;
                match request.method {
                    Method::PUT => self.put(&name, request, &preconditions, request_id).await,
                    Method::DELETE => self.delete(&name, &preconditions).await,
                    _ => self.get(&name, &preconditions).await,
                }
            }
        }
    }
}

fn not_allowed(route: &Route, method: &Method, request_id: &str) -> Response<Body> {
    let detail = format!("`{method}` is not allowed here; allowed are {}", route.allowed());
    let mut response = reply::problem(&Problem::new(Kind::MethodNotAllowed, detail), request_id);
    reply::set(&mut response, ALLOW, route.allowed());
    response
}

/// The answer, or that the reader has it already, or that it is not the one demanded.
pub(super) fn unless_known(
    response: Response<Body>,
    body: &str,
    preconditions: &Preconditions,
) -> Result<Response<Body>, Failure> {
    let etag = ETag::of(body.as_bytes());
    readable(Some(&etag), preconditions)?;
    Ok(if preconditions.reader_has(&etag) { reply::not_modified(&etag) } else { response })
}

/// Makes sure that `If-Match` lets a reader have the representation with this tag.
pub(super) fn readable(current: Option<&ETag>, preconditions: &Preconditions) -> Result<(), Failure> {
    if preconditions.lets_read(current) { Ok(()) } else { Err(TableError::Precondition(current.cloned()).into()) }
}

/// Makes sure that a query has these parameters only, each once at most. What names the tenant itself is none.
pub(super) fn only(request: &Incoming, known: &[&str]) -> Result<(), Problem> {
    for (index, (name, _)) in request.query.iter().enumerate().filter(|(_, (name, _))| !lock::is_tenant(name)) {
        if !known.contains(&name.as_str()) {
            let known = if known.is_empty() { "none".to_owned() } else { format!("`{}`", known.join("`, `")) };
            let detail = format!("the query has a parameter that is not known here; known are: {known}");
            return Err(Problem::new(Kind::InvalidRequest, detail));
        }
        if request.query.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(Problem::new(Kind::InvalidRequest, format!("the query has the parameter `{name}` twice")));
        }
    }
    Ok(())
}

/// Makes sure that the tenant is served.
pub(super) fn served(standing: Standing) -> Result<(), Problem> {
    match standing.status {
        Status::Suspended => {
            Err(Problem::new(Kind::Suspended, "this tenant is suspended; ask whoever runs the service"))
        }
        Status::Active | Status::Offboarding => Ok(()),
    }
}

/// Makes sure that the tenant may change its data.
pub(super) fn changeable(standing: Standing) -> Result<(), Problem> {
    served(standing)?;
    match standing {
        Standing { status: Status::Offboarding, .. } => {
            Err(Problem::new(Kind::Offboarding, "this tenant is leaving; its data can be read, not changed"))
        }
        Standing { read_only: true, .. } => Err(Problem::new(Kind::ReadOnly, "this tenant's settings forbid changes")),
        Standing { .. } => Ok(()),
    }
}

//! The endpoints.

use lambda_http::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::http::{HeaderValue, Method, StatusCode};
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use serde_json::json;

use crate::problem::Problem;
use crate::settings::Settings;

/// The API of one tenant.
#[derive(Clone, Debug)]
pub struct Api {
    settings: Settings,
}

/// A response, and the route by which the request was taken.
#[derive(Debug)]
pub struct Answer {
    /// The known path, or `unmatched`.
    pub route: &'static str,
    /// The response.
    pub response: Response<Body>,
}

impl Api {
    /// The API for a tenant.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Answers a request.
    pub fn respond(&self, request: &Request, request_id: &str) -> Answer {
        let (method, path) = (request.method(), request.uri().path());
        match (path, method) {
            ("/health", &Method::GET) => Answer { route: "/health", response: self.health() },
            ("/health", _) => Answer { route: "/health", response: not_allowed(method, "GET", request_id) },
            _ => {
                let detail = "this path does not exist; `/health` does";
                let problem = Problem::new(StatusCode::NOT_FOUND, detail, request_id);
                Answer { route: "unmatched", response: problem_response(&problem) }
            }
        }
    }

    fn health(&self) -> Response<Body> {
        respond(StatusCode::OK, "application/json", &json!({ "status": "ok", "tenant": self.settings.tenant }))
    }
}

fn not_allowed(method: &Method, allowed: &'static str, request_id: &str) -> Response<Body> {
    let detail = format!("`{method}` is not allowed here; `{allowed}` is");
    let mut response = problem_response(&Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail, request_id));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

fn problem_response(problem: &Problem) -> Response<Body> {
    respond(problem.status, Problem::MEDIA_TYPE, problem)
}

fn respond(status: StatusCode, media_type: &'static str, body: &impl Serialize) -> Response<Body> {
    // Only a map with keys that are no text fails here; none of the bodies has one.
    let body = serde_json::to_string(body).map_or(Body::Empty, Body::Text);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn answer(method: &str, path: &str) -> (Answer, Value) {
        let api = Api::new(Settings { tenant: "acme-corp".parse().unwrap(), suffix: "dev".parse().unwrap() });
        let request = lambda_http::http::Request::builder().method(method).uri(path).body(Body::Empty).unwrap();
        let answer = api.respond(&request, "request-1");
        let body = serde_json::from_slice(answer.response.body().as_ref()).unwrap();
        (answer, body)
    }

    #[test]
    fn health_tells_the_tenant() {
        let (Answer { route, response }, body) = answer("GET", "/health?tenant=tech-startup");
        assert_eq!((route, response.status().as_u16()), ("/health", 200));
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(body, json!({ "status": "ok", "tenant": "acme-corp" }));
    }

    #[test]
    fn another_method_is_told_which_one_is_allowed() {
        for method in ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"] {
            let (Answer { route, response }, body) = answer(method, "/health");
            assert_eq!((route, response.status().as_u16()), ("/health", 405), "{method}");
            assert_eq!(response.headers()[ALLOW], "GET");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
            let detail = format!("`{method}` is not allowed here; `GET` is");
            let problem =
                json!({ "title": "Method Not Allowed", "status": 405, "detail": detail, "request_id": "request-1" });
            assert_eq!(body, problem);
        }
    }

    #[test]
    fn another_path_is_a_problem() {
        for path in ["/", "/health/", "/healthy", "/Health", "//health", "/v1/../health"] {
            let (Answer { route, response }, body) = answer("GET", path);
            assert_eq!((route, response.status().as_u16()), ("unmatched", 404), "{path}");
            assert_eq!(body["title"], "Not Found");
        }
    }
}

//! Which path is for what, and which methods it takes.

use lambda_http::http::Method;

use crate::problem::{Kind, Problem};
use crate::resource_type::ResourceType;

/// A path of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Whether the function runs.
    Health,
    /// The description of the API.
    OpenApi,
    /// The list of documents.
    Resources,
    /// One document.
    Resource(ResourceType),
}

/// The paths, as the log and the description name them.
pub(crate) const PATHS: [&str; 4] = ["/health", "/openapi.json", "/v1/resources", "/v1/resources/{resource_type}"];
/// How the log names a path that is none of them, so that a caller cannot fill the log's index.
pub(crate) const UNMATCHED: &str = "unmatched";

impl Route {
    /// The route of a path, and its name for the log, which is known even of a path that is refused.
    pub(crate) fn parse(path: &str) -> (&'static str, Result<Self, Problem>) {
        let [health, openapi, resources, resource] = PATHS;
        if path == health {
            return (health, Ok(Self::Health));
        }
        if path == openapi {
            return (openapi, Ok(Self::OpenApi));
        }
        if path == resources {
            return (resources, Ok(Self::Resources));
        }
        match path.strip_prefix("/v1/resources/") {
            Some(name) if !name.is_empty() && !name.contains('/') => {
                let name = name.parse::<ResourceType>();
                let name = name.map_err(|error| Problem::new(Kind::InvalidRequest, error.to_string()));
                (resource, name.map(Self::Resource))
            }
            _ => (UNMATCHED, Err(Problem::new(Kind::NoSuchPath, "`/openapi.json` lists the paths that exist"))),
        }
    }

    /// The methods that it takes, as the header `Allow` lists them.
    pub(crate) fn allowed(&self) -> &'static str {
        match self {
            Self::Health | Self::OpenApi | Self::Resources => "GET, HEAD, OPTIONS",
            Self::Resource(_) => "GET, HEAD, PUT, DELETE, OPTIONS",
        }
    }

    /// Whether it takes a method.
    pub(crate) fn allows(&self, method: &Method) -> bool {
        self.allowed().split(", ").any(|allowed| allowed == method.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_path_has_its_route() {
        let route = |path| Route::parse(path).1.unwrap();
        assert_eq!(route("/health"), Route::Health);
        assert_eq!(route("/openapi.json"), Route::OpenApi);
        assert_eq!(route("/v1/resources"), Route::Resources);
        assert_eq!(route("/v1/resources/plan"), Route::Resource("plan".parse().unwrap()));
    }

    #[test]
    fn other_paths_are_no_route() {
        let (found, illegal) = (Kind::NoSuchPath, Kind::InvalidRequest);
        for (path, kind) in [
            ("", found),
            ("/", found),
            ("/health/", found),
            ("/Health", found),
            ("//health", found),
            ("/v1/resources/", found),
            ("/v1/resources/a/b", found),
            ("/v1/../health", found),
            ("/v1/tenants/tech-startup/resources/plan", found),
            ("/v1/resources/..", illegal),
            ("/v1/resources/Plan", illegal),
            ("/v1/resources/#lifecycle", illegal),
            ("/v1/resources/%23lifecycle", illegal),
            ("/v1/resources/plan\u{0}", illegal),
        ] {
            assert_eq!(Route::parse(path).1.unwrap_err().kind, kind, "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn any_path_has_a_name_for_the_log_from_a_closed_list(path in any::<String>()) {
            let name = Route::parse(&path).0;
            prop_assert!(PATHS.contains(&name) || name == UNMATCHED);
        }
    }
}

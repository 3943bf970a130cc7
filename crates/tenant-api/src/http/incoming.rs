//! A request as this crate sees it, out of what a function URL sends
//! ([payload format 2.0](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads)).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::{HeaderMap, Method};

use crate::problem::{Kind, Problem};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    /// The method.
    pub method: Method,
    /// The path, as it was sent.
    pub path: String,
    /// The query's names and values, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// The ARN of whoever signed the request.
    pub caller: Option<String>,
}

impl TryFrom<ApiGatewayV2httpRequest> for Incoming {
    type Error = Problem;

    fn try_from(request: ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let body = request.body.unwrap_or_default();
        let body = if request.is_base64_encoded {
            STANDARD
                .decode(body)
                .map_err(|_| Problem::new(Kind::InvalidRequest, "the body is not what its encoding says"))?
        } else {
            body.into_bytes()
        };
        let query = request.raw_query_string.unwrap_or_default();
        Ok(Self {
            method: request.request_context.http.method,
            path: request.raw_path.unwrap_or_default(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: request.headers,
            body,
            caller: request.request_context.authorizer.and_then(|authorizer| authorizer.iam?.user_arn),
        })
    }
}

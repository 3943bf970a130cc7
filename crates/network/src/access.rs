//! The security groups: nothing comes to a function, and only functions come to the endpoint.

use construct::{Handle, Stack, Text, Timeouts};
use naming::{Kind, Owner};

use crate::resources::*;

pub(crate) fn declare(stack: &mut Stack, vpc: &Handle<Vpc>) -> (Handle<SecurityGroup>, Handle<SecurityGroup>) {
    let mut group = |id, kind, description| {
        let tenant = stack.owner();
        let name = tenant.name(kind);
        let body = SecurityGroup {
            description: Text::literal(description),
            name: name.clone(),
            revoke_rules_on_delete: true,
            tags: tenant.tags().named(name),
            timeouts: Timeouts::SLOW_DELETE,
            vpc_id: vpc.get(Vpc::ID),
        };
        stack.add(id, body)
    };
    let functions = group("functions", Kind::FunctionSg, "Functions of the tenant: no way in");
    let endpoints = group("endpoints", Kind::EndpointSg, "Interface endpoints of the tenant: HTTPS from its functions");
    let tags = stack.owner().tags();
    let (function_id, endpoint_id) = (functions.get(SecurityGroup::ID), endpoints.get(SecurityGroup::ID));
    let out = HttpsRule::new(
        "To the interface endpoint",
        function_id.clone(),
        Peer::Group(endpoint_id.clone()),
        tags.clone(),
    );
    stack.add("functions_to_endpoints", EgressRule(out));
    let into = HttpsRule::new("From the functions", endpoint_id, Peer::Group(function_id), tags);
    stack.add("endpoints_from_functions", IngressRule(into));
    (functions, endpoints)
}

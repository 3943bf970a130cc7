#![doc = include_str!("../README.md")]

mod describe;
mod document;
mod fleet;
mod flows;
mod graph;
mod layout;
mod measure;
mod mermaid;
mod svg;
mod tenant;

use serde_json::Value;

pub use graph::{Edge, Flow, Frame, FrameKind, Graph, Kind, Node};

/// A finished stack.
#[derive(Clone, Copy, Debug)]
pub struct Stack<'a> {
    /// Its name.
    pub name: &'a str,
    /// The tenant; none for what tenants share.
    pub tenant: Option<&'a str>,
    /// Its Terraform document.
    pub document: &'a Value,
}

impl Graph {
    /// One tenant's environment, and what crosses its boundary. `platform` is the stack of what tenants share.
    pub fn of_tenant(stack: &Stack<'_>, platform: Option<&Stack<'_>>) -> Self {
        tenant::graph(stack, platform)
    }

    /// All tenants, what they share, and what goes between them.
    pub fn of_fleet(stacks: &[Stack<'_>]) -> Self {
        fleet::graph(stacks)
    }

    /// The picture as SVG: one file that loads nothing, for light and dark surroundings; the same bytes for the same stacks.
    pub fn svg(&self) -> String {
        svg::write(self)
    }

    /// The picture as a Mermaid flowchart, as GitHub shows it in Markdown.
    pub fn mermaid(&self) -> String {
        mermaid::write(self)
    }
}

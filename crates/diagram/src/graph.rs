//! What is in a picture: boxes in columns, frames around them, arrows between them. How it looks is for [`crate::svg`] and
//! [`crate::mermaid`].

use std::collections::BTreeMap;

use serde::Serialize;

/// What a box stands for; decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Who asks, or what is beyond the stacks.
    Outside,
    /// Where requests and events come in.
    Entry,
    /// What runs.
    Compute,
    /// What lets packets through, or not.
    Network,
    /// What keeps data.
    Data,
    /// What keeps logs.
    Log,
    /// Who may do what.
    Identity,
    /// What encrypts.
    Key,
    /// What watches.
    Watch,
    /// A whole tenant.
    Tenant,
    /// What this program has no word for.
    Other,
}

/// What a frame encloses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// All that is of one tenant.
    Isolation,
    /// A VPC.
    Network,
    /// Roles that stand inside a permissions boundary.
    Boundary,
    /// What tenants share.
    Platform,
    /// Whatever else belongs together.
    Plain,
}

/// A box.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// What it stands for.
    pub kind: Kind,
    /// In one line.
    pub title: String,
    /// What it says of itself, at most two lines.
    pub lines: Vec<String>,
    /// Its name in AWS, or its address in Terraform.
    pub name: String,
    /// Whether it is encrypted under the stack's own key.
    pub encrypted: bool,
    /// Its frame.
    pub frame: Option<usize>,
    /// Its column, from left to right; none for what stands in a row of its frame, without arrows.
    #[serde(skip)]
    pub column: Option<usize>,
    /// What comes first within a column, as far as arrows leave it open.
    #[serde(skip)]
    pub order: usize,
}

/// A frame.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// What it encloses.
    pub kind: FrameKind,
    /// In one line.
    pub title: String,
    /// What is to be known of it.
    pub subtitle: String,
    /// The frame around it.
    pub parent: Option<usize>,
}

/// What goes along an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Requests, events and data.
    Data,
    /// Logs, and what could not be delivered.
    Aside,
    /// From one tenant to another: there should be none.
    Crossing,
}

/// An arrow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The box that it starts at.
    pub from: usize,
    /// The box that it ends at.
    pub to: usize,
    /// What goes along it.
    pub flow: Flow,
    /// What it means.
    pub label: String,
}

/// A picture, before it has a form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// The frames; a frame stands after the one around it.
    pub frames: Vec<Frame>,
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The arrows, each once.
    pub edges: Vec<Edge>,
}

impl Graph {
    pub(crate) fn frame(&mut self, kind: FrameKind, title: String, subtitle: String, parent: Option<usize>) -> usize {
        self.frames.push(Frame { kind, title, subtitle, parent });
        self.frames.len() - 1
    }

    pub(crate) fn node(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(crate) fn edge(&mut self, from: usize, to: usize, flow: Flow, label: &str) {
        let known = self.edges.iter().any(|edge| (edge.from, edge.to, edge.flow) == (from, to, flow));
        if !known && from != to {
            self.edges.push(Edge { from, to, flow, label: label.to_owned() });
        }
    }

    /// Whether a frame is another one or inside it.
    pub(crate) fn within(&self, mut frame: Option<usize>, outer: usize) -> bool {
        while let Some(at) = frame {
            if at == outer {
                return true;
            }
            frame = self.frames.get(at).and_then(|frame| frame.parent).filter(|parent| *parent < at);
        }
        false
    }

    /// The row of each box that has a column: as near to where its arrows come from as those above it in its column allow.
    pub(crate) fn rows(&self) -> BTreeMap<usize, usize> {
        let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
        let columns = self.nodes.iter().filter_map(|node| node.column).max().map_or(0, |last| last + 1);
        for column in 0..columns {
            let mut here: Vec<(usize, usize, usize)> = Vec::new();
            for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.column == Some(column)) {
                let sources = |flow| self.edges.iter().filter(move |edge| edge.to == at && edge.flow == flow);
                let row = |edge: &Edge| rows.get(&edge.from).copied();
                let mut from: Vec<usize> = sources(Flow::Data).filter_map(row).collect();
                if from.is_empty() {
                    from = sources(Flow::Aside).filter_map(row).collect();
                }
                let wish = from.iter().sum::<usize>().checked_div(from.len());
                // What nothing leads to comes last.
                here.push((node.order, wish.unwrap_or(usize::MAX), at));
            }
            here.sort_unstable();
            let mut next = 0;
            for (_, wish, at) in here {
                let row = if wish == usize::MAX { next } else { next.max(wish) };
                rows.insert(at, row);
                next = row + 1;
            }
        }
        rows
    }
}

//! Links within the project; what is elsewhere is not asked.

use std::path::{Component, Path, PathBuf};

use super::page::Page;
use crate::support::root;

/// Why a link of a page leads nowhere.
pub(super) fn broken(pages: &[Page], page: &Page, to: &str) -> Option<String> {
    // Elsewhere, or an item of Rust, which rustdoc follows.
    if to.contains("://") || to.starts_with("mailto:") || to.contains("::") {
        return None;
    }
    let (path, anchor) = to.split_once('#').map_or((to, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { page.path.clone() } else { within(page.path.parent()?, path)? };
    if !root().join(&target).exists() {
        return Some(format!("`{to}` leads to `{}`, which is not there", target.display()));
    }
    let anchor = anchor?;
    match pages.iter().find(|page| page.path == target) {
        Some(page) if page.anchors().contains(anchor) => None,
        Some(_) => Some(format!("`{}` has no heading `#{anchor}`", target.display())),
        None => Some(format!("`{to}` names a heading of what is no page")),
    }
}

/// A path from the root, without `..`.
fn within(from: &Path, path: &str) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    for part in from.join(path).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::Normal(part) => whole.push(part),
            _ => {}
        }
    }
    Some(whole)
}

#[test]
fn what_leads_nowhere_is_found() {
    let page = |path: &str, text: &str| Page { path: path.into(), text: text.to_owned() };
    let pages = [page("docs/isolation.md", "# One, two\n## One two\n## `three`: 4\n"), page("README.md", "")];
    for good in [
        "#one-two",
        "#one-two-1",
        "isolation.md#three-4",
        "../README.md",
        "../crates",
        "https://example.org/nothing#nowhere",
        "naming::TenantId",
    ] {
        assert_eq!(broken(&pages, &pages[0], good), None, "{good}");
    }
    for bad in ["#one", "#one-two-2", "README.md", "../README.md#one-two", "isolation.md#Three-4", "../Cargo.toml#one"]
    {
        assert!(broken(&pages, &pages[0], bad).is_some(), "{bad}");
    }
}

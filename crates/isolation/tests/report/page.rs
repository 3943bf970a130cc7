//! The page says all that the report says, as text, and needs nothing but itself.

use base64::Engine;
use isolation::report::{Report, Strength};
use isolation::{Rule, StatementRef};
use proptest::prelude::*;
use scraper::{ElementRef, Html, Node, Selector};
use sha2::{Digest, Sha256};

use super::fixture::{self, finding, tenant, way};

fn parsed(report: &Report) -> Html {
    Html::parse_document(&report.html())
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the page shows, without its style and script.
fn shown(page: &Html) -> String {
    all(page, "header, main").into_iter().map(words).collect::<Vec<_>>().join(" ")
}

/// The page as it is read: headings, sentences, terms and rows of tables, one a line.
fn outline(page: &Html) -> String {
    let lines = all(page, "h1, h2, h3, h4, p, caption, tr, dt, dd, main li").into_iter().map(|element| {
        let name = element.value().name();
        let line = match name {
            "tr" => element.child_elements().map(words).collect::<Vec<_>>().join(" | "),
            _ => words(element),
        };
        format!("{name:8}{line}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_reads_like_this() {
    insta::assert_snapshot!(outline(&parsed(&fixture::full())));
}

fn assert_says(page: &str, what: &str) {
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(&what), "{what:?} is not on the page");
}

fn assert_says_statement(page: &str, at: &StatementRef) {
    assert_says(page, &format!("{}.{}", at.resource, at.path));
    assert_says(page, at.sid.as_deref().unwrap_or_default());
    assert_says(page, &at.stack);
}

#[test]
fn all_that_the_report_says_is_on_the_page() {
    let report = fixture::full();
    let page = shown(&parsed(&report));
    let says = |what: &str| assert_says(&page, what);
    says(&report.verdict);
    for stack in &report.stacks {
        says(&stack.stack);
        stack
            .networks
            .iter()
            .chain(&stack.owner)
            .chain(&stack.account)
            .chain(&stack.sha256)
            .for_each(|what| says(what));
    }
    let accesses = report.accidents.iter().filter_map(|accident| accident.example.as_ref());
    for access in report.findings.iter().filter_map(|finding| finding.access.as_deref()).chain(accesses) {
        [&access.from, &access.to, &access.principal, &access.action, &access.resource]
            .into_iter()
            .for_each(|what| says(what));
        access.steps.iter().for_each(|step| says(step));
        access.context.iter().for_each(|(key, values)| says(&format!("{key} = {}", values.join(", "))));
        access.statements.iter().for_each(|at| assert_says_statement(&page, at));
    }
    for finding in &report.findings {
        says(&finding.found);
        says(&finding.resource);
        says(finding.rule.help());
        finding.stacks.iter().for_each(|stack| says(stack));
    }
    Rule::ALL.iter().for_each(|rule| says(rule.demands()));
    report.layers.iter().for_each(|layer| says(&format!("{} {}", layer.title, layer.what)));
    report.accidents.iter().for_each(|accident| says(&format!("{} ", accident.what)));
    report.accidents.iter().for_each(|accident| says(&accident.why));
    for role in &report.roles {
        [&role.role, &role.arn].into_iter().chain(&role.description).chain(&role.boundary).for_each(|what| says(what));
        role.assumed_by.iter().for_each(|who| says(who));
        for grant in &role.grants {
            says(&grant.words);
            grant.actions.iter().chain(&grant.resources).chain(&grant.conditions).for_each(|what| says(what));
            assert_says_statement(&page, &grant.statement);
        }
    }
    for need in &report.needs {
        let may = if need.allowed { "✓ yes" } else { "✗ no" };
        says(&format!("{} {} {} {} {may}", need.function, need.action, need.resource, need.why));
    }
    report.exemptions.iter().for_each(|exemption| says(&format!("{} {}", exemption.action, exemption.roles.join(" "))));
    report.assumptions.iter().chain(&report.residual).for_each(|sentence| says(sentence));
}

/// "No external request": nothing that would load, no address of another host, and a policy that forbids all but its own two texts.
#[test]
fn the_page_needs_nothing_but_itself() {
    for report in [fixture::proved(3), fixture::full(), fixture::proved(256)] {
        let text = report.html();
        for loads in ["http://", "https://", "src=", "@import", "url(", "<link", "<iframe", "<object", "fetch("] {
            assert!(!text.contains(loads), "{loads}");
        }
        let page = parsed(&report);
        assert!(all(&page, "[href]").iter().all(|link| link.attr("href").unwrap().starts_with('#')));
        let hash = |selector| {
            let [only] = all(&page, selector)[..] else { panic!("one {selector}") };
            let digest = Sha256::digest(only.text().collect::<String>());
            format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(digest))
        };
        let policy = all(&page, "meta[http-equiv='Content-Security-Policy']")[0].attr("content").unwrap().to_owned();
        let own = format!("style-src {}; script-src {}", hash("style"), hash("script"));
        assert_eq!(policy, format!("default-src 'none'; base-uri 'none'; form-action 'none'; {own}"));
        assert!(page.errors.is_empty(), "{:?}", page.errors);
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(fixture::full().html(), fixture::full().html());
}

#[test]
fn links_lead_to_something_and_every_anchor_is_there_once() {
    for report in [fixture::full(), large(256)] {
        let page = parsed(&report);
        let mut anchors: Vec<&str> = all(&page, "[id]").iter().map(|element| element.attr("id").unwrap()).collect();
        let count = anchors.len();
        anchors.sort_unstable();
        anchors.dedup();
        assert_eq!(anchors.len(), count);
        for link in all(&page, "a[href], [aria-labelledby]") {
            let to = link.attr("href").map_or_else(|| link.attr("aria-labelledby").unwrap(), |href| &href[1..]);
            assert!(anchors.binary_search(&to).is_ok(), "{to}");
        }
    }
}

/// "Keyboard and screen reader usable"
#[test]
fn the_page_can_be_heard_and_used_with_the_keyboard() {
    let page = parsed(&fixture::full());
    let level = |heading: &ElementRef<'_>| heading.value().name()[1..].parse::<usize>().unwrap();
    let levels: Vec<usize> = all(&page, "h1, h2, h3, h4").iter().map(level).collect();
    assert_eq!((levels[0], levels.iter().filter(|level| **level == 1).count()), (1, 1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    for table in all(&page, "table") {
        assert!(table.select(&Selector::parse("caption").unwrap()).count() == 1);
        assert!(table.select(&Selector::parse("th").unwrap()).all(|head| head.attr("scope").is_some()));
    }
    assert!(all(&page, "div.scrolls").iter().all(|scrolls| scrolls.attr("tabindex") == Some("0")));
    assert_eq!(all(&page, "a")[0].attr("href"), Some("#main"), "the first link skips to the report");
    assert_eq!(all(&page, "header, nav, main").len(), 3);
    // Each mark has words besides its colour.
    assert!(all(&page, ".mark, td.good, td.bad, td.open").into_iter().all(|mark| words(mark).chars().count() > 2));
}

/// Two classes of tenants, a way through, and a tenant whose network leads out.
fn large(tenants: usize) -> Report {
    let found = vec![
        way(&tenant(0), &tenant(100)),
        finding(Rule::NoWayBetweenNetworks, &[&tenant(50)], "aws_nat_gateway.out", "leads out of the VPC"),
    ];
    let mut report = fixture::with_findings(tenants, found);
    report.stacks.iter_mut().skip(200).for_each(|stack| stack.class = 2);
    report
}

/// "Tenant matrix that stays readable at 256 tenants"
#[test]
fn the_page_of_256_tenants_is_small_and_that_of_4096_grows_by_its_list_of_stacks_alone() {
    let size = |report: Report| report.html().len();
    for (tenants, most) in [(256, 150_000), (4096, 1_200_000)] {
        assert!(size(fixture::proved(tenants)) < most, "{}", size(fixture::proved(tenants)));
        assert!(size(large(tenants)) < most + 100_000, "{}", size(large(tenants)));
        let page = parsed(&large(tenants));
        assert_eq!(all(&page, "table.matrix td").len(), 4, "two classes of tenants");
        assert_eq!(all(&page, "table.stacks tbody tr").len(), tenants + 1);
        assert_eq!(all(&page, "table.exceptions tbody tr").len(), 2);
        assert_eq!(all(&page, "figure.map svg > path.bad").len(), 1);
    }
}

/// A fleet none of whose stacks is like another: no table of classes could be read, and the map has no more than 64 × 64 squares.
#[test]
fn tenants_that_are_all_different_are_shown_on_the_map_and_one_by_one() {
    let ways = (0..200).map(|n| way(&tenant(n), &tenant(n + 1))).collect();
    let mut report = fixture::with_findings(300, ways);
    report.stacks.iter_mut().enumerate().for_each(|(class, stack)| stack.class = class);
    let page = parsed(&report);
    assert!(all(&page, "table.matrix").is_empty());
    assert_eq!(all(&page, "table.exceptions tbody tr").len(), 200);
    let path = all(&page, "path.bad")[0].attr("d").unwrap();
    assert!(path.matches('M').count() < 100, "{path}");
}

fn cell(page: &Html, from: &str, to: &str) -> String {
    let heads: Vec<String> = all(page, "table.matrix thead th").into_iter().map(words).collect();
    let column = heads.iter().position(|head| head == to).unwrap();
    let row =
        all(page, "table.matrix tbody tr").into_iter().find(|row| words(row.child_elements().next().unwrap()) == from);
    words(row.unwrap().child_elements().nth(column).unwrap())
}

/// A cell is calm only if nothing speaks against its pair, nor against another pair that has the same argument.
#[test]
fn a_cell_says_what_the_findings_mean_for_its_pair() {
    let page = |findings| parsed(&fixture::with_findings(3, findings));
    let one = page(vec![way("acme-corp", "retail-co")]);
    assert_eq!(cell(&one, "acme-corp", "retail-co"), "✗ way through: finding 1");
    assert_eq!(cell(&one, "retail-co", "tech-startup"), "? not proved: finding 1");
    assert_eq!(cell(&one, "anyone else", "acme-corp"), "✓ none");

    let mut classes = fixture::with_findings(3, vec![way("acme-corp", "retail-co")]);
    classes.stacks.iter_mut().enumerate().for_each(|(class, stack)| stack.class = class);
    let classes = parsed(&classes);
    assert_eq!(cell(&classes, "retail-co", "acme-corp"), "✓ none");

    let tenant = page(vec![finding(Rule::NoWayBetweenNetworks, &["acme-corp"], "aws_nat_gateway.x", "leads out")]);
    assert_eq!(cell(&tenant, "retail-co", "acme-corp"), "? not proved: finding 1");
    assert_eq!(cell(&tenant, "retail-co", "tech-startup"), "✓ none");

    let both = page(vec![finding(Rule::DisjointAddresses, &["acme-corp", "retail-co"], "", "overlap")]);
    assert_eq!(cell(&both, "retail-co", "acme-corp"), "? not proved: finding 1");
    assert_eq!(cell(&both, "retail-co", "tech-startup"), "✓ none");

    let nobody_knows = page(vec![finding(Rule::OneOwner, &["unknown"], "", "no owner")]);
    assert_eq!(cell(&nobody_knows, "retail-co", "tech-startup"), "? not proved: finding 1");

    let need = page(vec![finding(Rule::OwnNeeds, &["acme-corp"], "aws_lambda_function.api", "may not")]);
    assert_eq!(cell(&need, "acme-corp", "retail-co"), "✓ none");
}

#[test]
fn a_layer_that_aws_lacks_is_not_shown_as_one_that_stops() {
    let mut report = fixture::proved(3);
    report.layers.truncate(1);
    report.layers[0].alone =
        [("bucket", Strength::Stops), ("logs", Strength::NotApplicable), ("table", Strength::Partial)]
            .map(|(kind, strength)| (kind.to_owned(), strength))
            .into();
    let cells: Vec<String> = all(&parsed(&report), "table.layers td").into_iter().map(words).collect();
    assert_eq!(cells, ["✓ stops alone", "– AWS has none", "◐ in part"]);
}

/// The report with the text in every place where a stack has a say.
fn spoiled(text: &str) -> Report {
    let mut report = fixture::full();
    let put = |place: &mut String| place.push_str(text);
    put(&mut report.verdict);
    for stack in &mut report.stacks {
        put(&mut stack.stack);
        stack
            .owner
            .iter_mut()
            .chain(&mut stack.account)
            .chain(&mut stack.sha256)
            .chain(&mut stack.networks)
            .for_each(put);
    }
    report.classes.iter_mut().for_each(|class| put(&mut class.example));
    for finding in &mut report.findings {
        put(&mut finding.found);
        put(&mut finding.resource);
        finding.stacks.iter_mut().for_each(put);
        if let Some(access) = &mut finding.access {
            [&mut access.from, &mut access.to, &mut access.principal, &mut access.action].into_iter().for_each(put);
            access.steps.iter_mut().chain([&mut access.resource]).for_each(put);
            access.context.insert(text.to_owned(), vec![text.to_owned()]);
            for at in &mut access.statements {
                at.sid.iter_mut().chain([&mut at.stack, &mut at.resource, &mut at.path]).for_each(put);
            }
        }
    }
    report.accidents.iter_mut().for_each(|accident| put(&mut accident.why));
    for role in &mut report.roles {
        [&mut role.stack, &mut role.role, &mut role.arn].into_iter().for_each(put);
        role.description.iter_mut().chain(&mut role.assumed_by).chain(&mut role.boundary).for_each(put);
        for grant in &mut role.grants {
            put(&mut grant.words);
            grant.actions.iter_mut().chain(&mut grant.resources).chain(&mut grant.conditions).for_each(put);
        }
    }
    for need in &mut report.needs {
        [&mut need.stack, &mut need.function, &mut need.action, &mut need.resource, &mut need.why]
            .into_iter()
            .for_each(put);
    }
    for exemption in &mut report.exemptions {
        exemption.roles.iter_mut().chain([&mut exemption.action, &mut exemption.why]).for_each(put);
    }
    report.assumptions.iter_mut().chain(&mut report.residual).for_each(put);
    report
}

/// The elements of a page and the names of their attributes: what text must not change.
fn structure(page: &Html) -> Vec<(String, Vec<String>)> {
    let elements = page.tree.values().filter_map(Node::as_element);
    elements.map(|one| (one.name().to_owned(), one.attrs().map(|(name, _)| name.to_owned()).collect())).collect()
}

fn assert_harmless(text: &str) -> Result<(), TestCaseError> {
    let html = spoiled(text).html();
    let page = Html::parse_document(&html);
    prop_assert!(page.errors.is_empty(), "{:?}", page.errors);
    // A benign text of the same places gives the same elements.
    prop_assert_eq!(structure(&page), structure(&parsed(&spoiled("x"))));
    let unseen = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{feff}';
    prop_assert!(!html.contains(unseen));
    Ok(())
}

#[test]
fn hostile_names_are_shown_as_text() {
    for text in [
        "<script>alert(1)</script>",
        "</style><img onerror=alert(1)>",
        "</script><!--",
        "\" onmouseover=\"alert(1)",
        "' autofocus onfocus='x",
        "&lt;b&gt;&#60;",
        "]]><svg><rect>",
        "\0\u{1b}[2J\r\n\u{7f}\u{85}",
        "\u{202e}moc\u{feff}",
    ] {
        assert_harmless(text).unwrap();
        let page = shown(&parsed(&spoiled(text)));
        let seen: String =
            text.chars().map(|c| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() }).collect();
        if !text.contains('\u{202e}') {
            assert_says(&page, &seen);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_changes_the_elements_of_the_page(text in "([<>&\"'/=!a-z \\-]|\\PC|[\\x00-\\x1f\\x7f]|\u{202e}|</?(script|style|title|svg|table)>){1,12}") {
        assert_harmless(&text)?;
    }
}

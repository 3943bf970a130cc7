//! What a task is given and what is kept of its answer: literal values, and values taken from the state's data.

use construct::Text;
use serde_json::{Map, Value, json};

use super::path::{Context, Path};

/// A value of a [payload template][templates].
///
/// [templates]: https://states-language.net/spec.html#payload-template
#[derive(Clone, Debug)]
pub enum Arg {
    /// A text that means itself, or a reference that Terraform resolves.
    Text(Text),
    /// A number.
    Number(u32),
    /// What the state's data hold there.
    Path(Path),
    /// What Step Functions knows of the run.
    Context(Context),
    /// Fields.
    Object(Template),
    /// Several values.
    List(Vec<Template>),
}

impl From<&'static str> for Arg {
    fn from(text: &'static str) -> Self {
        Self::Text(Text::literal(text))
    }
}

impl From<Text> for Arg {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Path> for Arg {
    fn from(path: Path) -> Self {
        Self::Path(path)
    }
}

impl From<Context> for Arg {
    fn from(context: Context) -> Self {
        Self::Context(context)
    }
}

impl From<Template> for Arg {
    fn from(template: Template) -> Self {
        Self::Object(template)
    }
}

/// Fields, each with a literal value or one that is taken from the state's data. The suffix `.$`, by which the Amazon States Language
/// tells the two apart, is written here and nowhere else.
///
/// ```
/// use events::{asl::Template, path};
/// let template = Template::new().with("step", "lease").with("request", path!("$.request"));
/// assert_eq!(template.render(), serde_json::json!({ "request.$": "$.request", "step": "lease" }));
/// ```
///
/// A text that is made while the program runs does not become a path, nor a literal value that Terraform would read as a template:
///
/// ```compile_fail
/// use events::{asl::Template, path};
/// let template = Template::new().with("step", "lease").with("request", String::from("$.request"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Template(Vec<(&'static str, Arg)>);

impl Template {
    /// No field yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// The template as JSON.
    pub fn render(&self) -> Value {
        let mut fields = Map::new();
        for (name, value) in &self.0 {
            let (name, value) = match value {
                Arg::Text(text) => ((*name).to_owned(), json!(text.as_str())),
                Arg::Number(number) => ((*name).to_owned(), json!(number)),
                Arg::Path(path) => (format!("{name}.$"), json!(path.as_str())),
                Arg::Context(path) => (format!("{name}.$"), json!(path.as_str())),
                Arg::Object(template) => ((*name).to_owned(), template.render()),
                Arg::List(templates) => ((*name).to_owned(), templates.iter().map(Self::render).collect()),
            };
            fields.insert(name, value);
        }
        Value::Object(fields)
    }

    /// The fields' names, also those of fields within fields, and whether one stands twice beside itself.
    pub(crate) fn names(&self, found: &mut Vec<(&'static str, bool)>) {
        for (at, (name, value)) in self.0.iter().enumerate() {
            found.push((name, self.0.iter().take(at).any(|(other, _)| other == name)));
            match value {
                Arg::Object(template) => template.names(found),
                Arg::List(templates) => templates.iter().for_each(|template| template.names(found)),
                Arg::Text(_) | Arg::Number(_) | Arg::Path(_) | Arg::Context(_) => {}
            }
        }
    }
}

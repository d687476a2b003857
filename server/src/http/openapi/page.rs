//! The document as a page: plain HTML in our own style, without script.

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse, Response};
use leptos::config::LeptosOptions;
use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

/// Nothing but our style sheet and icon is loaded, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

pub(super) fn render(document: &OpenApi, options: &LeptosOptions) -> Response {
    let document = serde_json::to_value(document).unwrap_or_default();
    let page = write(&document, &style_sheet(options));
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response()
}

/// Where the built style sheet is; its name holds its hash where there is a built site.
fn style_sheet(options: &LeptosOptions) -> String {
    let mut name = options.output_name.to_string();
    let hashes = std::env::current_exe().ok().and_then(|program| {
        let file = program.parent()?.join(options.hash_file.as_ref());
        std::fs::read_to_string(file).ok().filter(|_| options.hash_files)
    });
    let hash =
        hashes.iter().flat_map(|hashes| hashes.lines()).find_map(|line| line.trim().strip_prefix("css:"));
    if let Some(hash) = hash {
        name.push('.');
        name.push_str(hash.trim());
    }
    format!("/{}/{name}.css", options.site_pkg_dir)
}

fn write(document: &Value, style: &str) -> String {
    let about = text(at(document, "/info/description"));
    let version = text(at(document, "/info/version"));
    let mut page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Switchboard API</title>\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\"><link rel=\"stylesheet\" href=\"{}\"></head>\
         <body><main class=\"manual\"><h1>Switchboard API {}</h1><p class=\"prose\">{}</p>\
         <p>For programs: <a class=\"link\" href=\"/api/v1/openapi.json\">the OpenAPI document</a>.</p>",
        escape(style),
        escape(version),
        escape(about),
    );
    for group in groups(document) {
        page.push_str(&format!("<section class=\"stack\"><h2>{}</h2>", escape(&group)));
        for (path, method, operation) in
            operations(document).filter(|found| text(at(found.2, "/tags/0")) == group)
        {
            write_operation(&mut page, (path, method), operation);
        }
        page.push_str("</section>");
    }
    page.push_str("<section class=\"stack\"><h2>Schemas</h2>");
    for (name, schema) in fields(at(document, "/components/schemas")) {
        let name = escape(name);
        page.push_str(&format!(
            "<details class=\"card\" id=\"{name}\"><summary><code>{name}</code></summary>"
        ));
        write_schema(&mut page, schema);
        page.push_str("</details>");
    }
    page.push_str("</section></main></body></html>");
    page
}

/// The tags, in the order of the paths.
fn groups(document: &Value) -> Vec<String> {
    let mut groups = Vec::new();
    for (_, _, operation) in operations(document) {
        let group = text(at(operation, "/tags/0")).to_owned();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    fields(at(document, "/paths")).flat_map(|(path, item)| {
        let path = path.as_str();
        METHODS.iter().filter_map(move |method| item.get(method).map(|operation| (path, *method, operation)))
    })
}

fn write_operation(page: &mut String, (path, method): (&str, &str), operation: &Value) {
    page.push_str(&format!(
        "<details class=\"card\"><summary><code>{} /api/v1{}</code> {}</summary>",
        method.to_uppercase(),
        escape(path),
        escape(text(at(operation, "/summary"))),
    ));
    let description = text(at(operation, "/description"));
    if !description.is_empty() {
        page.push_str(&format!("<p class=\"prose\">{}</p>", escape(description)));
    }
    let parameters = items(at(operation, "/parameters")).map(|parameter| {
        let place = format!("{} in {}", kind(at(parameter, "/schema")), escape(text(at(parameter, "/in"))));
        (text(at(parameter, "/name")).to_owned(), place, text(at(parameter, "/description")).to_owned())
    });
    write_table(page, "Parameters", parameters.collect());
    let body = at(operation, "/requestBody/content/application~1json/schema");
    if !body.is_null() {
        page.push_str(&format!("<h3>Body</h3><p>{}</p>", kind(body)));
    }
    let answers = fields(at(operation, "/responses")).map(|(status, answer)| {
        let kinds: Vec<String> =
            fields(at(answer, "/content")).map(|(_, content)| kind(at(content, "/schema"))).collect();
        (status.to_owned(), kinds.join(" or "), text(at(answer, "/description")).to_owned())
    });
    write_table(page, "Answers", answers.collect());
    page.push_str("</details>");
}

fn write_schema(page: &mut String, schema: &Value) {
    let description = text(at(schema, "/description"));
    if !description.is_empty() {
        page.push_str(&format!("<p class=\"prose\">{}</p>", escape(description)));
    }
    let required: Vec<&str> = items(at(schema, "/required")).map(text).collect();
    let properties: Vec<_> = fields(at(schema, "/properties"))
        .map(|(name, property)| {
            let needed = if required.contains(&name.as_str()) { "" } else { ", optional" };
            (
                name.clone(),
                format!("{}{needed}", kind(property)),
                text(at(property, "/description")).to_owned(),
            )
        })
        .collect();
    if properties.is_empty() {
        page.push_str(&format!("<p>{}</p>", kind(schema)));
    }
    write_table(page, "Fields", properties);
}

/// Rows of a name, an HTML text and a plain text.
fn write_table(page: &mut String, title: &str, rows: Vec<(String, String, String)>) {
    if rows.is_empty() {
        return;
    }
    page.push_str(&format!("<h3>{title}</h3><div class=\"table-scroll\"><table class=\"table\"><tbody>"));
    for (name, html, about) in rows {
        let (name, about) = (escape(&name), escape(&about));
        page.push_str(&format!("<tr><td><code>{name}</code></td><td>{html}</td><td>{about}</td></tr>"));
    }
    page.push_str("</tbody></table></div>");
}

/// A schema in a few words of HTML: a link where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = at(schema, "/$ref").as_str().and_then(|reference| reference.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a class=\"link\" href=\"#{name}\">{name}</a>");
    }
    for (several, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " with ")] {
        if let Some(parts) = schema.get(several).and_then(Value::as_array) {
            return parts.iter().map(kind).collect::<Vec<_>>().join(between);
        }
    }
    if let Some(words) = at(schema, "/enum").as_array() {
        return escape(&words.iter().map(text).collect::<Vec<_>>().join(", "));
    }
    let types: Vec<&str> = match at(schema, "/type") {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let types = types.iter().map(|one| match *one {
        "array" => format!("list of {}", kind(at(schema, "/items"))),
        "object" => members(schema),
        "" => "any".to_owned(),
        one => escape(one),
    });
    types.collect::<Vec<_>>().join(" or ")
}

/// The fields of an object without a name.
fn members(schema: &Value) -> String {
    let members: Vec<String> = fields(at(schema, "/properties"))
        .map(|(name, member)| format!("{}: {}", escape(name), kind(member)))
        .collect();
    if members.is_empty() { "object".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The value at a JSON pointer, or null.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

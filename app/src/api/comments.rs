//! Comments: what people say about a task, and about lines of a diff.

use domain::comments::{Comment, NewComment, Side};
use domain::{Blank, CommentId, ExecutionId, Saved, TaskId, UserId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// One task, whose comments are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentsOf {
    pub workspace: String,
    pub task: TaskId,
}

/// Comments, and the names of those who may have written them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    pub comments: Vec<Comment>,
    pub people: Vec<(UserId, String)>,
}

/// A comment as a form posts it, with or without script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentForm {
    pub workspace: String,
    pub task: TaskId,
    /// Made with the page, so that sending twice says it once.
    #[serde(default)]
    pub id: Blank<CommentId>,
    pub text: String,
    #[serde(default)]
    pub path: Blank<String>,
    #[serde(default)]
    pub line: Blank<i64>,
    /// On the side as it was, where this is true.
    #[serde(default)]
    pub old: Blank<bool>,
    #[serde(default)]
    pub execution: Blank<ExecutionId>,
}

impl From<CommentForm> for NewComment {
    fn from(form: CommentForm) -> Self {
        let side = if form.old.0 == Some(true) { Side::Old } else { Side::New };
        Self {
            id: form.id.0,
            text: form.text.replace("\r\n", "\n"),
            path: form.path.0,
            line: form.line.0,
            side: form.line.0.map(|_| side),
            execution: form.execution.0,
        }
    }
}

/// A comment to take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentAt {
    pub workspace: String,
    pub id: CommentId,
}

#[server(endpoint = "/comments/list", input = Json)]
pub async fn list_comments(query: CommentsOf) -> Result<Talk, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    let comments = backend::comments::list(&mut tx, query.task).await?;
    let members = backend::auth::members(&mut tx).await?;
    Ok(Talk { comments, people: members.into_iter().map(|member| (member.user_id, member.name)).collect() })
}

#[server(endpoint = "/comments/create")]
pub async fn add_comment(comment: CommentForm) -> Result<Saved<Comment>, ApiError> {
    let mut tx = crate::api::request::begin(&comment.workspace).await?;
    let added = backend::comments::create(&mut tx, comment.task, comment.into()).await?;
    crate::api::request::save(tx, added).await
}

#[server(endpoint = "/comments/remove")]
pub async fn remove_comment(comment: CommentAt) -> Result<Saved<()>, ApiError> {
    let mut tx = crate::api::request::begin(&comment.workspace).await?;
    backend::comments::remove(&mut tx, comment.id).await?;
    crate::api::request::save(tx, ()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_only_a_text_is_about_the_task() {
        #[derive(Deserialize)]
        struct Posted {
            comment: CommentForm,
        }
        let body = "comment[workspace]=demo&comment[task]=0197b000-0000-7000-8000-000000000001&comment[id]=\
            &comment[text]=a%0D%0Ab&comment[path]=&comment[line]=&comment[execution]=";
        let posted: Posted = serde_qs::Config::new(5, false).deserialize_str(body).unwrap();
        let new = NewComment::from(posted.comment);
        assert_eq!(new, NewComment { text: "a\nb".to_owned(), ..NewComment::default() });
    }
}

//! What agents ask, and what people say to them.

use domain::asks::{Answer, Ask, Decision};
use domain::comments::Review;
use domain::tasks::Task;
use domain::{AskId, Blank, ExecutionId, Saved, TaskId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// One task, whose asks are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsksOf {
    pub workspace: String,
    pub task: TaskId,
}

/// A word on an action, as a form posts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordForm {
    pub workspace: String,
    pub task: TaskId,
    pub approval: AskId,
    pub decision: Decision,
    #[serde(default)]
    pub note: Blank<String>,
}

/// An answer, as a form posts it: a choice that was pressed, or one's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerForm {
    pub workspace: String,
    pub task: TaskId,
    pub question: AskId,
    #[serde(default)]
    pub choice: Blank<String>,
    #[serde(default)]
    pub text: Blank<String>,
}

impl From<AnswerForm> for Answer {
    fn from(form: AnswerForm) -> Self {
        let said = form.choice.0.or(form.text.0).unwrap_or_default();
        Self { question: form.question, text: crate::api::tasks::unix_lines(&said) }
    }
}

/// A message to the agent, as a form posts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageForm {
    pub workspace: String,
    pub task: TaskId,
    pub text: String,
}

/// The run whose comments are sent, as a form posts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewForm {
    pub workspace: String,
    pub execution: ExecutionId,
    #[serde(default)]
    pub id: Blank<TaskId>,
}

#[server(endpoint = "/asks/list", input = Json)]
pub async fn list_asks(query: AsksOf) -> Result<Vec<Ask>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::executions::asks::list(&mut tx, query.task).await?)
}

#[server(endpoint = "/asks/approve")]
pub async fn approve_action(word: WordForm) -> Result<Saved<Ask>, ApiError> {
    let mut tx = crate::api::request::begin(&word.workspace).await?;
    let said = domain::asks::Approve { approval: word.approval, decision: word.decision, note: word.note.0 };
    let ask = backend::executions::asks::approve(&mut tx, word.task, said).await?;
    crate::api::request::save(tx, ask).await
}

#[server(endpoint = "/asks/answer")]
pub async fn answer_ask(answer: AnswerForm) -> Result<Saved<Ask>, ApiError> {
    let mut tx = crate::api::request::begin(&answer.workspace).await?;
    let ask = backend::executions::asks::answer(&mut tx, answer.task, answer.into()).await?;
    crate::api::request::save(tx, ask).await
}

#[server(endpoint = "/asks/message")]
pub async fn tell_agent(message: MessageForm) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&message.workspace).await?;
    let task = backend::tasks::get(&mut tx, message.task.into()).await?;
    let new = domain::asks::NewMessage { text: crate::api::tasks::unix_lines(&message.text) };
    backend::executions::asks::message(&mut tx, &task, new).await?;
    crate::api::request::save(tx, task).await
}

#[server(endpoint = "/reviews/send")]
pub async fn send_review(review: ReviewForm) -> Result<Saved<Review>, ApiError> {
    let mut tx = crate::api::request::begin(&review.workspace).await?;
    let sent =
        backend::reviews::send(&mut tx, review.execution, domain::comments::NewReview { id: review.id.0 })
            .await?;
    let saved = crate::api::request::save(tx, sent).await?;
    crate::api::request::go_to(&format!("/w/{}/tasks/{}", review.workspace, saved.value.task.number));
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pressed_choice_goes_before_an_empty_field() {
        #[derive(Deserialize)]
        struct Posted {
            answer: AnswerForm,
        }
        let id = "0197b000-0000-7000-8000-000000000001";
        let said = |rest: &str| {
            let body =
                format!("answer[workspace]=demo&answer[task]={id}&answer[question]={id}&answer[text]={rest}");
            let posted: Posted = serde_qs::Config::new(5, false).deserialize_str(&body).unwrap();
            Answer::from(posted.answer).text
        };
        assert_eq!(said("&answer[choice]=red"), "red");
        assert_eq!(said("a%0D%0Ab"), "a\nb");
        assert_eq!(said(""), "");
    }

    #[test]
    fn a_word_without_a_reason_has_none() {
        #[derive(Deserialize)]
        struct Posted {
            word: WordForm,
        }
        let id = "0197b000-0000-7000-8000-000000000001";
        let body = format!(
            "word[workspace]=demo&word[task]={id}&word[approval]={id}&word[note]=&word[decision]=allow_always"
        );
        let posted: Posted = serde_qs::Config::new(5, false).deserialize_str(&body).unwrap();
        assert_eq!((posted.word.decision, posted.word.note.0), (Decision::AllowAlways, None));
    }
}

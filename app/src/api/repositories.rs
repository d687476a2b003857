//! Repositories: the list, and the form that adds and changes one.

use domain::repositories::{Network, NewRepository, Repository, RepositoryPatch};
use domain::{Blank, Edit, RepositoryId, Saved};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;
use crate::api::tasks::unix_lines;

/// One repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryAt {
    pub workspace: String,
    pub id: RepositoryId,
}

/// The form, as a browser posts it with or without script. Without `version` it adds one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryForm {
    pub workspace: String,
    #[serde(default)]
    pub id: Blank<RepositoryId>,
    #[serde(default)]
    pub version: Blank<i64>,
    #[serde(default)]
    pub name: Blank<String>,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub default_branch: Blank<String>,
    #[serde(default)]
    pub setup_script: String,
    #[serde(default)]
    pub network: Network,
    #[serde(default)]
    pub max_running: Blank<u32>,
    #[serde(default)]
    pub branch_template: String,
}

impl From<RepositoryForm> for NewRepository {
    fn from(form: RepositoryForm) -> Self {
        Self {
            id: form.id.0,
            name: form.name.0,
            url: form.url.trim().to_owned(),
            default_branch: form.default_branch.0,
            setup_script: Some(unix_lines(&form.setup_script)),
            network: form.network,
            max_running: form.max_running.0,
            branch_template: Some(form.branch_template),
        }
    }
}

impl From<RepositoryForm> for RepositoryPatch {
    fn from(form: RepositoryForm) -> Self {
        Self {
            name: form.name.0,
            url: Some(form.url.trim().to_owned()),
            default_branch: form.default_branch.0,
            setup_script: Edit::Set(unix_lines(&form.setup_script)),
            network: Edit::Set(form.network),
            // The form has all its fields: an empty one is a value that was taken off.
            max_running: form.max_running.0.map_or(Edit::Clear, Edit::Set),
            branch_template: Edit::Set(form.branch_template),
            version: form.version.0,
        }
    }
}

#[server(endpoint = "/repositories/list", input = Json)]
pub async fn list_repositories(workspace: String) -> Result<Vec<Repository>, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::repositories::list(&mut tx).await?)
}

#[server(endpoint = "/repositories/get", input = Json)]
pub async fn get_repository(query: RepositoryAt) -> Result<Repository, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::repositories::get(&mut tx, query.id).await?)
}

#[server(endpoint = "/repositories/create")]
pub async fn create_repository(repository: RepositoryForm) -> Result<Saved<Repository>, ApiError> {
    let workspace = repository.workspace.clone();
    let found = crate::api::request::inspect(&workspace, &repository.url).await?;
    let mut tx = crate::api::request::begin(&workspace).await?;
    let created = backend::repositories::create(&mut tx, repository.into(), found).await?;
    let saved = crate::api::request::save(tx, created).await?;
    crate::api::request::go_to(&format!("/w/{workspace}/repositories"));
    Ok(saved)
}

#[server(endpoint = "/repositories/update")]
pub async fn update_repository(repository: RepositoryForm) -> Result<Saved<Repository>, ApiError> {
    let workspace = repository.workspace.clone();
    let id = repository.id.0.ok_or_else(|| crate::api::request::missing("id"))?;
    let found = crate::api::request::inspect(&workspace, &repository.url).await?;
    let mut tx = crate::api::request::begin(&workspace).await?;
    let updated = backend::repositories::update(&mut tx, id, repository.into(), Some(found)).await?;
    let saved = crate::api::request::save(tx, updated).await?;
    crate::api::request::go_to(&format!("/w/{workspace}/repositories"));
    Ok(saved)
}

#[server(endpoint = "/repositories/remove")]
pub async fn remove_repository(repository: RepositoryAt) -> Result<Saved<()>, ApiError> {
    let mut tx = crate::api::request::begin(&repository.workspace).await?;
    backend::repositories::remove(&mut tx, repository.id).await?;
    let saved = crate::api::request::save(tx, ()).await?;
    crate::api::request::go_to(&format!("/w/{}/repositories", repository.workspace));
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_only_a_url_adds_a_repository_by_its_defaults() {
        #[derive(Deserialize)]
        struct Posted {
            repository: RepositoryForm,
        }
        let body = "repository[workspace]=demo&repository[id]=&repository[version]=&repository[name]=\
            &repository[url]=+/srv/git/web+&repository[default_branch]=&repository[setup_script]=a%0D%0Ab\
            &repository[network]=none";
        let posted: Posted = serde_qs::Config::new(5, false).deserialize_str(body).unwrap();
        let new = NewRepository::from(posted.repository);
        assert_eq!(new.url, "/srv/git/web");
        assert_eq!((new.id, new.name, new.default_branch), (None, None, None));
        assert_eq!(new.setup_script.as_deref(), Some("a\nb"));
        assert_eq!(new.network, Network::None);
    }
}

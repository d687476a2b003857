//! People who signed up as people do: by a link that was opened.

use crate::TestDatabase;
use backend::auth::{self, NewLink};
use domain::session::{Role, Workspace};
use tenancy::{Caller, Credential, Identity, Person, Secret, WorkspaceRef};

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The session cookie's value.
    pub token: Secret,
    pub person: Person,
    pub workspace: Workspace,
    pub caller: Caller,
}

impl TestDatabase {
    /// Signs somebody up with a role in a workspace, which is made where it does not exist.
    pub async fn sign_up(&self, email: &str, workspace: &str, role: Role) -> Signed {
        let link =
            NewLink { email: email.to_owned(), workspace: Some(workspace.to_owned()), role: Some(role) };
        let mut tx = self.database.auth().await.expect("the door opens");
        let secret = auth::create_link(&mut tx, &link).await.expect("a link is made");
        let signed = auth::sign_in(&mut tx, &secret, "test")
            .await
            .expect("the link is used")
            .expect("the link is good");
        tx.commit().await.expect("the sign-in is stored");
        let credential = Credential::Session(signed.token.clone());
        let identity = self.database.authenticate(&credential).await.expect("the door opens");
        let Some(Identity::Person(person)) = identity else { panic!("the session is known") };
        let named = WorkspaceRef::Id(signed.workspace.id);
        let caller = self.database.enter(&person, &named).await.expect("the door opens").expect("a member");
        Signed { token: signed.token, person, workspace: signed.workspace, caller }
    }

    /// A sign-in link for the owner of a workspace: its token.
    pub async fn link_of(&self, workspace: &str) -> String {
        let email = format!("owner@{workspace}.example");
        let link = NewLink { email, workspace: Some(workspace.to_owned()), role: None };
        let mut tx = self.database.auth().await.expect("the door opens");
        let secret = auth::create_link(&mut tx, &link).await.expect("a link is made");
        tx.commit().await.expect("the link is stored");
        secret.reveal().to_owned()
    }

    /// An owner of a workspace of their own.
    pub async fn owner_of(&self, workspace: &str) -> Signed {
        self.sign_up(&format!("owner@{workspace}.example"), workspace, Role::Owner).await
    }
}

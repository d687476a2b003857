//! Which agents can work on this machine, and why not.

use agents::Isolation;
use axum::extract::State;
use domain::Page;
use domain::permission::Permission;
use domain::tasks::Agent;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Json;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// An agent, and whether it can work here.
#[derive(Debug, Serialize, ToSchema)]
struct AgentHere {
    id: Agent,
    name: String,
    description: String,
    available: bool,
    /// The layers that hold its executions, strongest first.
    isolation: Vec<String>,
    /// Where something is missing: one sentence on what, and what to do.
    advice: Option<String>,
}

/// The agents, each with what holds it here and what is missing.
#[utoipa::path(get, path = "/agents", tag = "agents",
    responses((status = 200, description = "All agents.", body = Page<AgentHere>)))]
async fn list(State(state): State<AppState>, inside: InWorkspace) -> Result<Json<Page<AgentHere>>, Refusal> {
    inside.caller.require(Permission::AgentRead)?;
    let custom = state.config.custom_agent.is_some();
    let items = Agent::ALL.iter().map(|agent| match agent {
        Agent::Custom if !custom => missing(here(*agent, &state.isolation)),
        agent => here(*agent, &state.isolation),
    });
    let items = items.collect();
    Ok(Json(Page { items, next_cursor: None }))
}

fn here(agent: Agent, isolation: &Isolation) -> AgentHere {
    let (name, description) = match agent {
        Agent::Shell => ("Shell", "Runs the task's script in a worktree of the repository. No model."),
        Agent::Custom => ("Custom", "The operator's own program, which speaks the agents' wire."),
    };
    AgentHere {
        id: agent,
        name: name.to_owned(),
        description: description.to_owned(),
        available: isolation.bubblewrap.is_some() || isolation.allow_weak,
        isolation: isolation.layers(),
        advice: isolation.advice(),
    }
}

/// The same where the operator has named no program for it.
fn missing(here: AgentHere) -> AgentHere {
    let advice = "Set SWITCHBOARD_CUSTOM_AGENT to a program that speaks the agents' wire.".to_owned();
    AgentHere { available: false, advice: Some(advice), ..here }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_namespaces_nothing_runs_unless_the_operator_lets_it() {
        let weak = |allow_weak| Isolation { bubblewrap: None, landlock: true, cgroup: false, allow_weak };
        let refused = here(Agent::Shell, &weak(false));
        assert!(!refused.available && refused.advice.is_some());
        let allowed = here(Agent::Shell, &weak(true));
        assert!(allowed.available && allowed.advice.is_some());
        let whole = Isolation { bubblewrap: Some("/usr/bin/bwrap".into()), ..weak(false) };
        assert!(here(Agent::Shell, &whole).available);
        assert_eq!(here(Agent::Shell, &whole).advice, None);
        let custom = missing(here(Agent::Custom, &whole));
        assert!(!custom.available && custom.advice.unwrap().contains("SWITCHBOARD_CUSTOM_AGENT"));
    }
}

use super::*;
use domain::Edit;
use domain::session::Role;
use testkit::TestDatabase;

#[tokio::test]
async fn settings_have_defaults_and_are_changed_by_administrators_alone() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    assert_eq!(get(&mut tx).await.unwrap(), Settings::default());
    let patch = SettingsPatch { preempt: Some(true), ..SettingsPatch::default() };
    let changed = update(&mut tx, patch).await.unwrap();
    assert!(changed.preempt && changed.version == 1);
    let bad = SettingsPatch { branch_template: Edit::Set("{who}".to_owned()), ..SettingsPatch::default() };
    let refused = update(&mut tx, bad).await;
    assert!(matches!(refused, Err(SettingsError::Invalid { field: "branch_template", .. })), "{refused:?}");
    tx.commit().await.unwrap();
    let member = house.sign_up("member@a.example", "a", Role::Member).await;
    let mut tx = house.database.begin(&member.caller).await.unwrap();
    assert!(get(&mut tx).await.unwrap().preempt, "a member sees them");
    assert!(matches!(update(&mut tx, SettingsPatch::default()).await, Err(SettingsError::Forbidden(_))));
}

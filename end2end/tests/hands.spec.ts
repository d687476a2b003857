// What hands do on the board: change in place, move, choose many, keep a view.
import { addTask, column, live, patch } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';
import type { Locator, Page } from '@playwright/test';

/** Opens the board and waits until it hears what is done to its cards. */
async function board(page: Page, path: string): Promise<void> {
  await visit(page, path);
  await page.locator('.hands[data-listening]').waitFor({ state: 'attached' });
}

function card(page: Page, name: string, title: string): Locator {
  return column(page, name).getByRole('listitem').filter({ hasText: title });
}

test('two who change the same title see both and choose', async ({ page, allowed }) => {
  allowed.push(/409/);
  const { workspace } = await signIn(page);
  const { id } = await addTask(page, workspace, { title: 'As it was' });
  await board(page, `/w/${workspace}/tasks`);
  await live(page);
  await card(page, 'Draft', 'As it was').getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('button', { name: 'Title' }).click();
  const field = page.getByRole('textbox', { name: 'Title' });
  await field.fill('Mine');
  await patch(page, workspace, `/tasks/${id}`, { title: 'Theirs' });
  await expect(column(page, 'Draft').locator('h3')).toHaveText('Theirs');
  await field.press('Enter');
  const both = page.getByRole('dialog', { name: 'Changed by somebody else' });
  await expect(both).toContainText('Theirs');
  await expect(both).toContainText('Mine');
  await both.getByRole('button', { name: 'Use mine' }).click();
  await expect(both).toBeHidden();
  await expect(column(page, 'Draft').locator('h3')).toHaveText('Mine');
  await page.reload();
  await expect(column(page, 'Draft').locator('h3')).toHaveText('Mine');
});

test('what is refused is taken back with a word', async ({ page, allowed }) => {
  allowed.push(/422/);
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Kept' });
  await board(page, `/w/${workspace}/tasks`);
  await card(page, 'Draft', 'Kept').getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('button', { name: 'Title' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('   ');
  await page.getByRole('textbox', { name: 'Title' }).press('Enter');
  await expect(page.locator('.toast')).toContainText('itle');
  await expect(column(page, 'Draft').locator('h3')).toHaveText('Kept');
});

test('properties are changed on the card, and an assignee can be taken off', async ({ page }) => {
  const { workspace, email } = await signIn(page);
  await addTask(page, workspace, { title: 'Inline' });
  await board(page, `/w/${workspace}/tasks`);
  const own = card(page, 'Draft', 'Inline');
  await own.getByRole('button', { name: 'Priority: Normal' }).click();
  await page.getByRole('button', { name: 'Urgent' }).click();
  await expect(own.getByRole('button', { name: 'Priority: Urgent' })).toBeVisible();
  const name = email.split('@')[0] ?? '';
  await own.getByRole('button', { name: 'Assignee: Nobody' }).click();
  await page.getByRole('dialog').getByRole('button').last().click();
  await expect(own.getByRole('button', { name: new RegExp(`Assignee: (?!Nobody)`) }), name).toBeVisible();
  await own.getByRole('button', { name: /^Assignee/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Nobody' }).click();
  await expect(own.getByRole('button', { name: 'Assignee: Nobody' })).toBeVisible();
});

test('a card is moved by pointer and by keys, and a column that does not take it says why', async ({ page, isMobile }) => {
  test.skip(isMobile, 'a phone has neither');
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Wander', script: 'sleep 60' });
  await addTask(page, workspace, { title: 'Step', script: 'true' });
  await board(page, `/w/${workspace}/tasks`);
  await live(page);
  const drag = async (what: Locator, to: string) => {
    const [from, place] = [await what.boundingBox(), await column(page, to).boundingBox()];
    if (!from || !place) throw new Error('not in sight');
    await page.mouse.move(from.x + 40, from.y + 40);
    await page.mouse.down();
    await page.mouse.move(from.x + 70, from.y + 60, { steps: 3 });
    await page.mouse.move(place.x + 60, place.y + 120, { steps: 6 });
    await page.mouse.up();
  };
  await drag(card(page, 'Draft', 'Wander'), 'Done');
  await expect(page.locator('.toast')).toContainText('start it first');
  await drag(card(page, 'Draft', 'Wander'), 'Queued');
  await expect(card(page, 'Running', 'Wander')).toBeVisible();
  await drag(card(page, 'Running', 'Wander'), 'Done');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(card(page, 'Done', 'Wander')).toBeVisible();

  await card(page, 'Draft', 'Step').getByRole('link').focus();
  await page.keyboard.press(' ');
  const said = page.locator('p[role="status"]');
  await expect(said).toContainText('Picked up');
  await page.keyboard.press('ArrowRight');
  await expect(said).toContainText('Queued: Start');
  await page.keyboard.press('Enter');
  await expect(card(page, 'Done', 'Step')).toBeVisible();
});

test('one change to many is told truly and taken back', async ({ page, isMobile }) => {
  test.skip(isMobile, 'a phone has no keyboard');
  const { workspace } = await signIn(page);
  for (const title of ['First', 'Second', 'Third']) await addTask(page, workspace, { title });
  await board(page, `/w/${workspace}/tasks`);
  await live(page);
  await card(page, 'Draft', 'Third').getByRole('link').focus();
  await page.keyboard.press('x');
  await card(page, 'Draft', 'First').locator('h3').click({ modifiers: ['Shift'] });
  const bar = page.getByRole('region', { name: 'selected' });
  await expect(bar).toContainText('3 selected');
  await bar.getByRole('button', { name: 'Priority' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Urgent' }).click();
  const urgent = column(page, 'Draft').getByRole('button', { name: 'Priority: Urgent' });
  await expect(urgent).toHaveCount(3);
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await expect(urgent).toHaveCount(0);
  await bar.getByRole('button', { name: 'Delete' }).click();
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(0);
  await page.locator('.toast').filter({ hasText: 'deleted' }).getByRole('button', { name: 'Undo' }).click();
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(3);
});

test('what stops the work of many is asked about, and a pause is taken back', async ({ page }) => {
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Busy', script: 'sleep 120', start: true });
  await addTask(page, workspace, { title: 'Idle' });
  await board(page, `/w/${workspace}/tasks`);
  await live(page);
  await expect(card(page, 'Running', 'Busy')).toBeVisible();
  for (const [place, title] of [['Draft', 'Idle'], ['Running', 'Busy']] as const) {
    await card(page, place, title).getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Select/ }).click();
  }
  const bar = page.getByRole('region', { name: 'selected' });
  await bar.getByRole('button', { name: /^Pause/ }).click();
  const question = page.getByRole('dialog');
  await expect(question.getByRole('listitem')).toHaveText([/Busy$/]);
  await question.getByRole('button', { name: 'Leave it' }).click();
  await expect(card(page, 'Running', 'Busy')).toBeVisible();
  await bar.getByRole('button', { name: /^Pause/ }).click();
  await question.getByRole('button', { name: /^Pause/ }).click();
  await expect(card(page, 'Needs you', 'Busy')).toBeVisible();
  await page.locator('.toast').filter({ hasText: '1 task changed' }).getByRole('button', { name: 'Undo' }).click();
  await expect(card(page, 'Running', 'Busy')).toBeVisible();
  await bar.getByRole('button', { name: /^Cancel/ }).click();
  await question.getByRole('button', { name: /^Cancel/ }).click();
  await expect(card(page, 'Done', 'Busy')).toBeVisible();
});

test('filters are chips in the address, and a view keeps them', async ({ page }) => {
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Web', labels: ['web'], priority: 'high' });
  await addTask(page, workspace, { title: 'Other' });
  await board(page, `/w/${workspace}/tasks?label=web&priority=high`);
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(1);
  const chips = page.getByRole('list', { name: 'Filters' });
  await expect(chips).toContainText('Label: web');
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('Web work');
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  const tabs = page.getByRole('navigation', { name: 'Saved views' });
  await expect(tabs.getByRole('link', { name: 'Web work' })).toHaveAttribute('aria-current', 'page');
  await chips.getByRole('link', { name: /Priority/ }).click();
  await expect(page).toHaveURL(/label=web$/);
  await chips.getByRole('link', { name: /Label/ }).click();
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(2);
  await tabs.getByRole('link', { name: 'Web work' }).click();
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(1);
  await expect(page).toHaveURL(/priority=high/);
});

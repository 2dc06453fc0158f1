import { Inventory } from './inventory';

const inventory = new Inventory();
inventory.add('pomme 🍎', 0.4, 120);
inventory.add('café', 3.2, 18);
inventory.add('naïve cœur', 12.5, 2);

inventory.remove('café', 4);
console.log(`Total: ${inventory.total().toFixed(2)} €`);
for (const item of inventory.runningOut()) {
  console.log(`${item.name} is running out: ${item.quantity} left`);
}

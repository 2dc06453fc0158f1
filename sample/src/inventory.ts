/** A small inventory: what is in stock, what it costs, what is running out. */

export interface Item {
  readonly name: string;
  readonly price: number;
  quantity: number;
}

export class Inventory {
  private readonly items = new Map<string, Item>();

  add(name: string, price: number, quantity: number): Item {
    const existing = this.items.get(name);
    if (existing) {
      existing.quantity += quantity;
      return existing;
    }
    const item: Item = { name, price, quantity };
    this.items.set(name, item);
    return item;
  }

  remove(name: string, quantity: number): void {
    const item = this.items.get(name);
    if (!item) throw new Error(`No item called ${name}`);
    if (item.quantity < quantity) throw new Error(`Only ${item.quantity} of ${name} left`);
    item.quantity -= quantity;
  }

  total(): number {
    let sum = 0;
    for (const item of this.items.values()) {
      sum += item.price * item.quantity;
    }
    return sum;
  }

  runningOut(threshold = 3): Item[] {
    return [...this.items.values()].filter((item) => item.quantity < threshold);
  }
}

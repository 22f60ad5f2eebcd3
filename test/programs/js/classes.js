class Account {
  #balance = 0n;
  static opened = 0;
  constructor(owner) {
    this.owner = owner;
    Account.opened++;
  }
  post(amount) {
    this.#balance += amount;
    return this;
  }
  get balance() {
    return this.#balance;
  }
}
class Savings extends Account {
  post(amount) {
    return super.post(amount + amount / 100n);
  }
}
export default (n) => {
  const accounts = Array.from({ length: 20 }, (_, i) => (i % 2 ? new Savings(`s${i}`) : new Account(`a${i}`)));
  for (let i = 0; i < (n ?? 2000); i++) accounts[i % 20].post(BigInt(i));
  return [Account.opened, accounts.map((a) => a.balance.toString())];
};

"""The GraphQL documents that are sent to Wave. Values travel as variables only.

Source: Wave developer portal, API Reference.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ADDRESS = "{ addressLine1 addressLine2 city province { code name } country { code name } postalCode }"
_MONEY = "{ raw value currency { code } }"
_AMOUNTS = f"outstandingAmount {_MONEY} overdueAmount {_MONEY}"
_INPUT_ERRORS = "inputErrors { path message code }"


def customer_fields(*, amounts: bool) -> str:
    """The fragment that asks for all of a customer that this library knows, with or without the two amounts."""
    return f"""fragment CustomerFields on Customer {{
  id name firstName lastName displayId email phone mobile fax tollFree website internalNotes
  address {_ADDRESS}
  currency {{ code }}
  shippingDetails {{ name phone instructions address {_ADDRESS} }}
  createdAt modifiedAt isArchived {_AMOUNTS if amounts else ""}
}}"""


def list_customers(*, amounts: bool) -> str:
    """One page of customers; without `$modifiedAtAfter` among the variables, of all."""
    return f"""query ListCustomers(
  $businessId: ID!, $page: Int!, $pageSize: Int!, $sort: [CustomerSort!]!, $modifiedAtAfter: DateTime
) {{
  business(id: $businessId) {{
    id
    customers(page: $page, pageSize: $pageSize, sort: $sort, modifiedAtAfter: $modifiedAtAfter) {{
      pageInfo {{ currentPage totalPages totalCount }}
      edges {{ node {{ ...CustomerFields }} }}
    }}
  }}
}}
{customer_fields(amounts=amounts)}"""


@lru_cache(maxsize=64)
def read_customers(count: int, *, amounts: bool) -> str:
    """Several customers by id: alias `c0` reads the variable `$id0`, and so on."""
    variables = ", ".join(f"$id{n}: ID!" for n in range(count))
    reads = "\n    ".join(f"c{n}: customer(id: $id{n}) {{ ...CustomerFields }}" for n in range(count))
    return f"""query ReadCustomers($businessId: ID!, {variables}) {{
  business(id: $businessId) {{
    id
    {reads}
  }}
}}
{customer_fields(amounts=amounts)}"""


def create_customer(*, amounts: bool) -> str:
    """Make a customer."""
    return _write_customer("Create", amounts=amounts)


def patch_customer(*, amounts: bool) -> str:
    """Change the properties given and leave the others as they are."""
    return _write_customer("Patch", amounts=amounts)


def delete_customer() -> str:
    """Delete a customer. There is no undelete."""
    return f"""mutation DeleteCustomer($input: CustomerDeleteInput!) {{
  customerDelete(input: $input) {{ didSucceed {_INPUT_ERRORS} }}
}}"""


def list_businesses() -> str:
    """One page of the businesses that the token may see, archived ones included."""
    return """query ListBusinesses($page: Int!, $pageSize: Int!) {
  businesses(page: $page, pageSize: $pageSize) {
    pageInfo { currentPage totalPages totalCount }
    edges { node { id name isPersonal isArchived timezone currency { code } } }
  }
}"""


def introspect() -> str:
    """All types of Wave's schema, with their members. Source: clients; it is answered without a token."""
    return """query Introspect {
  __schema {
    queryType { name }
    mutationType { name }
    types {
      kind name
      fields(includeDeprecated: true) { name isDeprecated type { ...Type } args { name defaultValue type { ...Type } } }
      inputFields { name defaultValue type { ...Type } }
      enumValues(includeDeprecated: true) { name isDeprecated }
    }
  }
}
fragment Type on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
}"""


def is_mutation(document: str) -> bool:
    """Whether a document may change something: whether it holds a mutation at its outermost level."""
    code = re.sub(r'"""(?:\\"""|.)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*', " ", document, flags=re.DOTALL)
    depth = 0
    for word in re.findall(r"[{}]|\w+", code):
        depth += {"{": 1, "}": -1}.get(word, 0)
        if depth == 0 and word == "mutation":
            return True
    return False


def _write_customer(verb: str, *, amounts: bool) -> str:
    return f"""mutation {verb}Customer($input: Customer{verb}Input!) {{
  customer{verb}(input: $input) {{
    didSucceed
    {_INPUT_ERRORS}
    customer {{ ...CustomerFields }}
  }}
}}
{customer_fields(amounts=amounts)}"""

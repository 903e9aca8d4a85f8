"""Mistakes that a person may write: each a blueprint with a mark where it is."""

SHOP = 'name: shop\nmonolith: {url: "http://127.0.0.1:8080"}\n'
SERVICE = 'products: {p: {services: {s: {url: "http://127.0.0.1:1"}}}}\n'
FUNCTION = "products: {p: {functions: {f: {code: f, handler: f.f}}}}\n"
REPLICATED = (
    SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
    + "products:\n  p:\n    functions: {f: {code: f, handler: f.f, uses: [d]}}\n"
    + "    stores: {d: {kind: aurora}}\n"
)

# A blueprint with a mark; a part of the message; a part of the hint.
WRONG = {
    "a slice to nobody": (
        SHOP + SERVICE + "slices: {a: {to: ¦p/z, routes: [/a]}}",
        "there is no service or function `p/z`",
        "did you mean `p/s`?",
    ),
    "a slice to a store": (
        SHOP
        + "products: {p: {services: {s: {url: 'http://a.co', uses: [d]}}, "
        + "stores: {d: {kind: aurora}}}}\n"
        + "slices: {a: {to: ¦p/d, routes: [/a]}}",
        "there is no service or function `p/d`",
        "p/s",
    ),
    "a slice with nothing that moves": (
        SHOP + SERVICE + "slices:\n  ¦a: {to: p/s}",
        "neither routes nor tables",
        "`routes`, `tables` or both",
    ),
    "steps that do not rise": (
        SHOP + SERVICE + "slices: {a: {to: p/s, routes: [/a], steps: [10, ¦10, 50]}}",
        "10 comes after 10",
        "[10, 50, 100]",
    ),
    "a step of nothing": (
        SHOP + SERVICE + "slices: {a: {to: p/s, routes: [/a], steps: [¦0, 50]}}",
        "0 comes after 0",
        "",
    ),
    "a JSON path that is none": (
        SHOP
        + SERVICE
        + "slices:\n  a:\n    to: p/s\n    routes: [/a]\n    ignore: [$.b, ¦'$.a[x]']\n",
        "`[x]` is no step of a JSON path",
        "like `$.items[*].at`",
    ),
    "two slices with one route": (
        SHOP
        + SERVICE
        + "slices:\n  a: {to: p/s, routes: [/a]}\n  b: {to: p/s, routes: [/b, ¦GET /a]}",
        "the slice a claims GET /a already",
        "one owner",
    ),
    "one slice with a route twice": (
        SHOP + SERVICE + "slices: {a: {to: p/s, routes: [/a, ¦/a/]}}",
        "the slice a claims every method of /a already",
        "",
    ),
    "a slice's route that a service owns": (
        SHOP
        + 'products: {p: {services: {s: {url: "http://127.0.0.1:1", routes: [¦GET /a]}}}}\n'
        + "slices: {a: {to: p/s, routes: ['GET,POST /a']}}",
        "the slice a claims GET /a already",
        "",
    ),
    "a monolith with two ways to be": (
        'name: shop\nmonolith:\n  url: "http://127.0.0.1:8080"\n  ¦run: {command: [shop]}',
        "both `url` and `run`",
        "keep `url`",
    ),
    "a monolith with none": (
        "name: shop\n¦monolith: {health: /up}",
        "neither `url` nor `run`",
        "give `url`",
    ),
    "a service with two ways to be": (
        SHOP
        + "products:\n  p:\n    services:\n      s:\n"
        + "        url: http://127.0.0.1:1\n        ¦run: {command: [s]}",
        "both `url` and `run`",
        "",
    ),
    "a service with none": (
        SHOP + "products:\n  p:\n    services:\n      ¦s: {image: 'shop/s:1'}",
        "nothing says how it runs on this machine",
        "`run`",
    ),
    "fewer replicas at most than at least": (
        SHOP
        + "products:\n  p:\n    services:\n"
        + "      s: {url: 'http://a.co', replicas: ¦20, max_replicas: 10}",
        "at least 20 and at most 10",
        "",
    ),
    "a use of nothing": (
        SHOP + "products: {p: {functions: {f: {code: f, handler: f.f, uses: [¦monolit]}}}}",
        "nothing is called `monolit`",
        "did you mean `monolith`?",
    ),
    "a use of oneself": (
        SHOP + "products: {p: {functions: {f: {code: f, handler: f.f, uses: [¦p/f]}}}}",
        "it uses itself",
        "",
    ),
    "two uses that are told as one": (
        SHOP
        + "products:\n  p: {functions: {f: {code: f, handler: f.f, uses: [q/g, ¦r/g]}}}\n"
        + "  q: {functions: {g: {code: g, handler: g.g}}}\n"
        + "  r: {functions: {g: {code: g, handler: g.g}}}",
        "would both be told as G_URL",
        "rename",
    ),
    "a use of the monolith that is no system outside": (
        SHOP.replace("}", ", uses: [¦bnk]}") + "network: {restrictions: {bank: {hosts: [b.co]}}}",
        "there is no system outside `bnk`",
        "did you mean `bank`?",
    ),
    "an environment variable that is none": (
        SHOP + "products: {p: {functions: {f: {code: f, handler: f.f, env: {¦a-b: x}}}}}",
        "`a-b` is no environment variable",
        "",
    ),
    "an environment variable that Lambda sets": (
        SHOP + "products: {p: {functions: {f: {code: f, handler: f.f, env: {¦AWS_REGION: x}}}}}",
        "Lambda sets AWS_REGION itself",
        "",
    ),
    "a port in an environment": (
        "name: shop\nmonolith: {run: {command: [shop], env: {¦PORT: 80}}}",
        "tells a process by PORT",
        "",
    ),
    "a secret that is not there": (
        SHOP
        + "secrets: {login: }\nproducts:\n  p:\n    functions:\n"
        + "      f: {code: f, handler: f.f, env: {A: {secret: ¦logn}}}",
        "there is no secret `logn`",
        "did you mean `login`?",
    ),
    "a login with half a client": (
        SHOP + "security:\n  ¦login: {kind: introspection, client_id: me}",
        "client_id without client_secret",
        "both, or neither",
    ),
    "a cookie that cannot be": (
        SHOP + "edge: {user_cookie: ¦'my cookie'}",
        "no cookie can be called so",
        "",
    ),
    "a cookie that the login has": (
        SHOP + "security: {login: {kind: session, cookie: ¦matapalo_user}}",
        "the edge mints a cookie of this name",
        "edge.user_cookie",
    ),
    "a header that cannot be": (
        SHOP + "edge: {user_header: ¦'x user'}",
        "no header can be called so",
        "",
    ),
    "a header that the edge takes away": (
        SHOP + "edge: {user_header: ¦X-Matapalo-User}",
        "takes x-matapalo-",
        "",
    ),
    "a site that hides the monolith": (
        SHOP + "¦site: {folder: site}",
        "would hide the monolith",
        "monolith.routes",
    ),
    "a slice where the site begins": (
        SHOP + SERVICE + "site: {folder: site, path: /app}\n"
        "slices: {a: {to: p/s, routes: [¦/app]}}",
        "the site begins at /app",
        "",
    ),
    "a domain for two": (
        SHOP + "site: {folder: site, path: /app, domain: a.co}\nedge: {domain: ¦a.co}",
        "the site has this domain already",
        "api.a.co",
    ),
    "a route that is public and optional": (
        SHOP + "security: {login: {kind: jwt, issuer: me}, public: [GET /a], optional: [¦/a]}",
        "/a is public already",
        "",
    ),
    "a namespace that Kubernetes has": (
        SHOP + "products:\n  ¦kube-system: {}",
        "has the namespace `kube-system` already",
        "",
    ),
    "a product that began with a namespace of Kubernetes": (
        SHOP + "products:\n  ¦keeping: {formerly: [kube-system]}",
        "has the namespace `kube-system` already",
        "",
    ),
    "a product that is called like the roles that deliver": (
        SHOP + "products:\n  ¦deliver: {}\n  delivery: {}\ndelivery: {repository: {name: a/b}}",
        "roles of pipelines are called `deliver-…`",
        "another name for the product",
    ),
    "a product that is called like the roles of infrastructure": (
        SHOP + "products:\n  ¦infra-x: {}\n  infrared: {}\ndelivery: {repository: {name: a/b}}",
        "roles of pipelines are called `infra-…`",
        "",
    ),
    "a function and a store of one name": (
        SHOP
        + "products:\n  p:\n    functions: {a: {code: f, handler: f.f}}\n"
        + "    stores: {¦a: {kind: bucket}}",
        "a product has one `a`",
        "",
    ),
    "a topic that is called like the monolith": (
        SHOP + "events: {topics: {¦monolith: {}}}",
        "`monolith` is what the monolith is called",
        "",
    ),
    "a function whose name is too long": (
        f"name: {'s' * 30}\nmonolith: {{url: 'http://a.co'}}\n"
        f"products: {{p: {{functions: {{¦{'f' * 30}: {{code: f, handler: f.f}}}}}}}}",
        "Lambda takes 64",
        "shorten",
    ),
    "a bucket whose name is too long": (
        f"name: {'s' * 25}\nmonolith: {{url: 'http://a.co'}}\n"
        f"products: {{p: {{stores: {{¦{'b' * 20}: {{kind: bucket}}}}}}}}",
        "S3 takes 63",
        "shorten",
    ),
    "a table that two slices take": (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: aurora}}\n"
        + "slices:\n  a: {to: p/s, tables: [t]}\n  b: {to: p/s, tables: [¦public.t]}",
        "the slice a takes public.t already",
        "one owner",
    ),
    "a table twice": (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: aurora}}\n"
        + "slices: {a: {to: p/s, tables: [t, ¦public.t]}}",
        "public.t is named twice",
        "",
    ),
    "tables without a database": (
        SHOP
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: aurora}}\n"
        + "slices: {a: {to: p/s, ¦tables: [t]}}",
        "the monolith has no database",
        "monolith.database",
    ),
    "tables that go nowhere": (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + SERVICE
        + "slices: {a: {to: p/s, ¦tables: [t]}}",
        "nothing says where the tables go",
        "name it in `store`",
    ),
    "tables that go to a bucket": (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: bucket}}\n"
        + "slices: {a: {to: p/s, tables: [t], store: ¦d}}",
        "p/d is no Aurora store",
        "",
    ),
    "two columns of one name": (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: aurora}}\n"
        + "slices: {a: {to: p/s, tables: [{name: t, columns: {x: z, y: ¦z}}]}}",
        "`x` is called `z` already",
        "",
    ),
    "a column that stays behind and is mapped": (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: aurora}}\n"
        + "slices: {a: {to: p/s, tables: [{name: t, omit: [¦x], cast: {x: int}}]}}",
        "`x` stays behind and is mapped",
        "",
    ),
    "a network that overlaps with the other side": (
        SHOP
        + "network:\n  cidr: 10.20.0.0/16\n  links:\n"
        + "    office: {kind: vpn, gateway: 1.2.3.4, cidrs: [10.1.0.0/16, ¦10.20.8.0/24]}",
        "overlaps the network's own",
        "",
    ),
    "a network that is too large": (
        SHOP + "network: {cidr: ¦10.0.0.0/8}",
        "AWS takes networks of /16 to /28",
        "",
    ),
    "subnets that do not fit": (
        SHOP + "network: {cidr: ¦10.20.0.0/20}",
        "3 subnets of each kind need more than 10.20.0.0/20",
        "larger network",
    ),
    "a link that is not there": (
        SHOP
        + "network:\n  links: {office: {kind: vpn, gateway: 1.2.3.4, cidrs: [10.1.0.0/16]}}\n"
        + "  dns: [{domain: a.co, servers: [10.1.0.1], link: ¦ofice}]",
        "there is no link `ofice`",
        "did you mean `office`?",
    ),
    "a system that is nowhere": (
        SHOP + "network: {restrictions: {¦bank: {}}}",
        "nothing says which system this is",
        "",
    ),
    "a system that is not behind its link": (
        SHOP
        + "network:\n  links: {office: {kind: vpn, gateway: 1.2.3.4, cidrs: [10.1.0.0/16]}}\n"
        + "  restrictions: {core: {cidrs: [¦10.9.0.0/24], link: office}}",
        "does not lie behind the link office",
        "10.1.0.0/16",
    ),
    "two accounts of one number": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n  accounts:\n"
        + "    a: {id: 111111111111}\n    b: {id: ¦111111111111}",
        "the account a has this id already",
        "",
    ),
    "a unit that is not there": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n  units: {work: {}}\n"
        + "  accounts: {a: {id: 111111111111, unit: ¦wrk}}",
        "there is no unit `wrk`",
        "did you mean `work`?",
    ),
    "a unit in itself": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n"
        + "  units: {a: {parent: ¦b}, b: {parent: ¦a}}",
        "the unit a would lie in itself",
        "",
    ),
    "an assignment to an account that is not there": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n"
        + "  accounts: {dev: {id: 111111111111}}\n  sign_on:\n    source: {kind: identity-center}\n"
        + "    permission_sets: {read: {}}\n"
        + "    assignments: [{group: G, permission_set: read, accounts: [¦dve]}]",
        "there is no account `dve`",
        "did you mean `dev`?",
    ),
    "an assignment of a set that is not there": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n"
        + "  accounts: {dev: {id: 111111111111}}\n  sign_on:\n    source: {kind: identity-center}\n"
        + "    assignments: [{group: G, permission_set: ¦read, accounts: [dev]}]",
        "there is no permission set `read`",
        "",
    ),
    "an Active Directory that is nowhere": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n  sign_on:\n"
        + "    ¦source: {kind: active-directory, domain: corp.co}",
        "nothing says where the directory is",
        "",
    ),
    "an environment without a region": (
        SHOP + "environments:\n  ¦dev: {}",
        "it has no region",
        "us-east-1",
    ),
    "an environment in an account that is not there": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n"
        + "  accounts: {dev: {id: 111111111111}}\n"
        + "environments: {dev: {region: us-east-1, account: ¦dve}}",
        "there is no account `dve`",
        "did you mean `dev`?",
    ),
    "a region that the guardrails forbid": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n"
        + "  accounts: {dev: {id: 111111111111}}\n  guardrails: {regions: [sa-east-1]}\n"
        + "environments: {dev: {region: ¦us-east-1, account: dev}}",
        "the guardrails forbid us-east-1",
        "sa-east-1",
    ),
    "a release into nowhere": (
        SHOP
        + "environments: {dev: {region: us-east-1}}\n"
        + "delivery: {repository: {name: a/b}, order: [¦prod]}",
        "there is no environment `prod`",
        "dev",
    ),
    "a schedule that is none": (
        SHOP + FUNCTION + "events: {schedules: {a: {when: ¦hourly, to: p/f}}}",
        "`hourly` is no schedule",
        "rate(5 minutes)",
    ),
    "a time zone that is none": (
        SHOP
        + FUNCTION
        + "events:\n  schedules:\n"
        + "    a: {when: rate(1 hour), timezone: ¦America/Bogata, to: p/f}",
        "there is no time zone `America/Bogata`",
        "did you mean `America/Bogota`?",
    ),
    "a rule to nobody": (
        SHOP + FUNCTION + "events: {rules: {a: {types: [X], to: [p/f, ¦p/g]}}}",
        "`p/g`",
        "did you mean `p/f`?",
    ),
    "a rule of every event": (
        SHOP + FUNCTION + "events: {rules: {¦a: {to: [p/f]}}}",
        "does not say which events",
        "",
    ),
    "rows that DMS cannot choose": (
        REPLICATED + "slices: {s: {to: p/f, stream: dms, tables: [{name: t, where: ¦a > 1}]}}",
        "DMS chooses no rows",
        "stream: matapalo",
    ),
    "types that DMS does not take": (
        REPLICATED + "slices: {s: {to: p/f, stream: dms, tables: [{name: t, ¦cast: {a: text}}]}}",
        "the types of the new table",
        "stream: matapalo",
    ),
    "tables that DMS cannot part": (
        REPLICATED + "slices: {s: {to: p/f, stream: dms, tables: [t, ¦{name: u, to: x.u}]}}",
        "renames a schema as a whole",
        "",
    ),
    "an ordered topic to a function": (
        SHOP + FUNCTION + "events: {topics: {a: {ordered: true, subscriptions: [{to: ¦p/f}]}}}",
        "an ordered topic reaches queues only",
        "",
    ),
    "a rule to an ordered topic": (
        SHOP + "events: {topics: {a: {ordered: true}}, rules: {r: {types: [T], to: [¦a]}}}",
        "cannot tell an ordered topic",
        "an ordered queue",
    ),
    "a key for a purpose that has one": (
        SHOP + "keys: {keys: {a: {protects: [logs]}, b: {protects: [¦logs]}}}",
        "the key a protects logs already",
        "",
    ),
    "backups that AWS does not keep so long": (
        SHOP + "products: {p: {stores: {d: {kind: documentdb, backup: ¦36}}}}",
        "for 35 days at most",
        "",
    ),
    "a former name that another store has": (
        SHOP + "products: {p: {stores: {a: {kind: bucket}, b: {kind: bucket, formerly: [¦a]}}}}",
        "the store a is called so now",
        "take one of them away",
    ),
    "a former name of two stores": (
        SHOP
        + "products:\n  p:\n    stores:\n      a: {kind: bucket, formerly: [o]}\n"
        + "      b: {kind: bucket, formerly: [¦o]}",
        "the store a was called so",
        "",
    ),
    "a store that is kept and released": (
        SHOP + "products: {p: {stores: {a: {kind: bucket}}, released: {¦a: bucket}}}",
        "the store a is called so now",
        "",
    ),
    "a former name that another topic has": (
        SHOP + "events: {topics: {a: {}, b: {formerly: [¦a]}}}",
        "the topic a is called so now",
        "take one of them away",
    ),
    "a former name of two schedules": (
        SHOP
        + "events:\n  queues: {q: {}}\n  schedules:\n"
        + "    a: {when: rate(1 day), to: q, formerly: [o]}\n"
        + "    b: {when: rate(1 day), to: q, formerly: [¦o]}",
        "the schedule a was called so",
        "",
    ),
    "a former name that another product has": (
        SHOP + "products: {a: {}, b: {formerly: [¦a]}}",
        "the product a is called so now",
        "",
    ),
    "a former name of a service that a store of its product has": (
        SHOP
        + "products:\n  p:\n    stores: {a: {kind: bucket}}\n"
        + "    services: {s: {url: 'http://127.0.0.1:9', formerly: [¦a]}}",
        "the store a is called so now",
        "take one of them away",
    ),
    "a former name of a service and a function of one product": (
        SHOP
        + "products:\n  p:\n    services: {s: {url: 'http://127.0.0.1:9', formerly: [o]}}\n"
        + "    functions: {f: {code: f, handler: f.f, formerly: [¦o]}}",
        "the service s was called so",
        "",
    ),
    "a former name that another secret has": (
        SHOP + "secrets: {a: {}, b: {formerly: [¦a]}}",
        "the secret a is called so now",
        "",
    ),
    "a former name of two permission sets": (
        SHOP
        + "organization:\n  sign_on:\n    source: {kind: identity-center}\n"
        + "    permission_sets: {a: {formerly: [o]}, b: {formerly: [¦o]}}",
        "the permission set a was called so",
        "",
    ),
    "a topic that is called as a function was": (
        SHOP
        + "events: {topics: {o: {}}}\nproducts:\n  p:\n    functions:\n"
        + "      f: {code: f, handler: f.f, formerly: [o], uses: [¦o]}",
        "`f` was called `o` first, and would be meant on AWS",
        "call the topic otherwise",
    ),
    "two services that had one name, and one user": (
        SHOP
        + "products:\n  p:\n    formerly: [w]\n"
        + "    services: {a: {url: 'http://127.0.0.1:9', uses: [q/o, ¦r/b]}}\n"
        + "  q: {services: {o: {url: 'http://127.0.0.1:9'}}}\n"
        + "  r: {services: {b: {url: 'http://127.0.0.1:9', formerly: [o]}}}",
        "would both be told as O_URL, by the names that things have on AWS",
        "rename one of them",
    ),
    "files that are deleted before they move": (
        SHOP
        + "products:\n  p:\n    functions: {f: {code: f, handler: f.f, uses: [b]}}\n"
        + "    stores: {b: {kind: bucket, archive_after: ¦30, expire_after: 7}}",
        "deleted after 7 days",
        "",
    ),
}

# What is a warning: a blueprint with a mark; a part of the message.
DOUBTFUL = {
    "a header that any client can write": (
        SHOP + "edge: {user_header: ¦x-user}",
        "any client can write this header",
    ),
    "a site behind a login": (
        SHOP
        + "security: {login: {kind: jwt, issuer: me}, public: [GET /apple, POST /app]}\n"
        + "¦site: {folder: site, path: /app}",
        "nobody can see the site without a login",
    ),
    "a trail without an account": (
        SHOP + "¦organization: {audit: {threats: false}}",
        "no account has the purpose `log-archive`",
    ),
    "a way that two links offer": (
        SHOP
        + "network:\n  links:\n"
        + "    a: {kind: vpn, gateway: 1.2.3.4, cidrs: [10.1.0.0/16]}\n"
        + "    b: {kind: vpn, gateway: 1.2.3.5, cidrs: [¦10.1.0.0/16]}",
        "is reached by the link a",
    ),
    "a permission set that nobody has": (
        SHOP
        + "organization:\n  audit: {trail: false, threats: false}\n  sign_on:\n"
        + "    source: {kind: identity-center}\n    permission_sets: {¦read: {}}",
        "nobody is given this permission set",
    ),
}

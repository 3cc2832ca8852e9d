/** Names of the methods generation 2 has besides `Select`. */
export const DESCRIBE_METHOD = 'Describe';
export const CONFIGURE_METHOD = 'Configure';

/** The service as gRPC names it; over net/rpc it is called `Plugin`. */
export const SELECTOR_SERVICE = 'smtp_router.selector.v2.Selector';

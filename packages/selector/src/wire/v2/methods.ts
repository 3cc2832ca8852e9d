/** Names of the methods generation 2 has besides `Select`. */
export const DESCRIBE_METHOD = 'Describe';
export const CONFIGURE_METHOD = 'Configure';
